import type { TokenRequest } from '../../../protocol/oauth/token-request.ts'
import type { ClientRequest } from '../../request.ts'
import { exchangeByEngine } from './engine-exchange.ts'
import { mustStillAdmit } from '../../clients/admission.ts'

/**
 * RFC 6749 §4.1.3. Of requests that race, one commits; the others come again, find the code used, and end the grant as §4.1.2 asks: two holders of one
 * code cannot both be right.
 */
export async function authorizationCode(request: ClientRequest, message: TokenRequest<'authorization_code'>): Promise<Response> {
  await mustStillAdmit(request, holderOf(message.code))
  return exchangeByEngine(request, message)
}

/** The engine's codes say who they are for; whether it is one of ours the engine finds out. */
function holderOf(code: string): string {
  return code.split(':', 1)[0] ?? ''
}
