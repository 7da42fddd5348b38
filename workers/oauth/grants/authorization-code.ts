import type { TokenRequest } from '../../../protocol/oauth/token-request.ts'
import type { ClientRequest } from '../../request.ts'
import { exchangeByEngine } from './engine-exchange.ts'
import { mustStillAdmit } from '../../clients/admission.ts'

/**
 * Exchanges an authorization code (RFC 6749 §4.1.3). If requests race, the first commits. The rest
 * find the code used and revoke the grant (§4.1.2), because a code with two holders has leaked.
 */
export async function authorizationCode(request: ClientRequest, message: TokenRequest<'authorization_code'>): Promise<Response> {
  await mustStillAdmit(request, holderOf(message.code))
  return exchangeByEngine(request, message)
}

/** Returns the user id in a code. The engine verifies the code later. */
function holderOf(code: string): string {
  return code.split(':', 1)[0] ?? ''
}
