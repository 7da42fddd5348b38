import { Problem } from '../../protocol/problem.ts'
import { findSignIn, findTokenHolder } from '../people.ts'
import type { Gate, UserRequest } from '../request.ts'

/**
 * Identifies the user by personal API token or cookie, or throws 401. Throws 429 past 600 changes a
 * minute; a token or sign-in limited to one tenant has a separate count.
 */
export const withUser: Gate<UserRequest> = async (request) => {
  await identify(request)
  if (request.method === 'GET' || request.method === 'HEAD') return
  const { success } = await request.env.API_RATE_LIMIT.limit({ key: JSON.stringify([request.user.id, request.onlyTenant ?? '']) })
  if (!success)
    throw new Problem(429, 'Too many changes', 'The limit is 600 changes a minute. Wait a minute, then try again.', {
      headers: { 'Retry-After': '60' },
    })
}

async function identify(request: UserRequest): Promise<void> {
  const authorization = request.headers.get('Authorization')
  if (authorization !== null) {
    const holder = await findTokenHolder(request, authorization)
    if (!holder) throw signInNeeded('The personal API token is not valid. It is unknown, expired or deleted.')
    const { user, tenantId, role } = holder
    request.user = user
    request.personalToken = { tenantId, role }
    request.signInId = undefined
    request.onlyTenant = tenantId
    return
  }
  const signedIn = await findSignIn(request)
  if (!signedIn) throw signInNeeded('Sign in, or send a personal API token as "Authorization: Bearer wharf_pat_…".')
  request.user = signedIn.user
  request.personalToken = undefined
  request.signInId = signedIn.signInId
  request.onlyTenant = signedIn.onlyTenant
}

function signInNeeded(detail: string): Problem {
  return new Problem(401, 'Not signed in', detail, { headers: { 'WWW-Authenticate': 'Bearer' } })
}
