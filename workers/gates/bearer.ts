import { authorizationNeeded, insufficientScope, invalidToken } from '../../protocol/oauth/challenge.ts'
import { covers } from '../../protocol/oauth/scope.ts'
import { ANONYMOUS } from '../../protocol/principal.ts'
import { findCaller, presentedToken } from '../callers.ts'
import { findChallenge } from '../challenge.ts'
import type { BearerRequest, Gate } from '../request.ts'

/**
 * Sets the principal of the token in the Authorization header. Throws 401 if the token is not valid
 * for exactly this resource, and 403 if it lacks `mcp:read`. A request without a token is anonymous
 * at a `public` server.
 */
export const withBearer: Gate<BearerRequest> = async (request) => {
  const authorization = request.headers.get('Authorization')
  if (authorization === null && request.server.access === 'public') {
    request.principal = ANONYMOUS
    return
  }
  const token = presentedToken(authorization)
  if (token === undefined) throw authorizationNeeded(await findChallenge(request))
  const principal = await findCaller(request, token)
  if (!principal) throw invalidToken(await findChallenge(request))
  if (!covers(principal.scopes, 'mcp:read')) throw insufficientScope(await findChallenge(request))
  request.principal = principal
}
