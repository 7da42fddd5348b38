import { randomToken, sha256 } from '../../../protocol/random.ts'
import { useAssertionId } from '../../../store/clients/assertion-ids.ts'
import type { AppRequest, Handler } from '../../request.ts'
import { clearCookie, openCookie, sealCookie } from '../sealed-cookie.ts'
import { finishSignIn } from '../../openid/exchange.ts'
import { providerFault, endedSignIn } from './fault.ts'
import { FLOW, flowKey, UNLINKED, type Flow } from './flow.ts'
import { identify } from './identify.ts'
import { vouchedAddress } from '../../openid/member.ts'
import { findOpenIdProvider, PLATFORM, type OpenIdProvider } from '../../openid/provider.ts'
import { authEngine } from '../../auth-engine.ts'
import { seeOther } from '../../responses.ts'

/**
 * Handles the callback of a provider, once per state. The state is used up before any request to
 * the provider. A callback at the URL of another provider uses up nothing.
 */
export const signInCallback: Handler<AppRequest> = async (request) => {
  const { store, addresses, params } = request
  const state = new URL(request.url).searchParams.get('state') ?? ''
  const flow = await openCookie(request, FLOW, flowKey(state))
  if (flow?.provider !== (params['provider'] ?? PLATFORM)) throw endedSignIn()
  const isFirst = flow.state === state && (await useAssertionId(store, addresses.origin, await sha256(`state ${state}`), new Date()))
  const provider = isFirst ? await findOpenIdProvider(request, flow.provider) : undefined
  if (!provider) throw endedSignIn()
  return signInNamed(request, provider, flow)
}

/** Signs in the person named by the provider, or asks for the account to link. */
async function signInNamed(request: AppRequest, provider: OpenIdProvider, flow: Flow): Promise<Response> {
  const { next } = flow
  const signedIn = await finishSignIn(request, provider, flow)
  if ('failure' in signedIn) throw providerFault(provider, signedIn.failure, next)
  const person = signedIn.value
  const identified = await identify(provider, { person, next, request })
  const done = clearCookie(request, FLOW, flowKey(flow.state))
  if (!identified) {
    const key = randomToken(9)
    const { subject, email } = person
    const isTheirAddress = vouchedAddress(provider, person) !== undefined
    const unlinked = { key, provider: provider.id, issuer: provider.issuer, subject, email, isTheirAddress, next }
    return withCookies(seeOther(`/auth/openid/link?key=${key}`), [...done, ...(await sealCookie(request, UNLINKED, key, unlinked))])
  }
  const { headers } = await authEngine(request.env).api.signInNamed({ body: identified, headers: request.headers, returnHeaders: true })
  return withCookies(seeOther(next, headers), done)
}

function withCookies(response: Response, cookies: string[]): Response {
  for (const cookie of cookies) response.headers.append('Set-Cookie', cookie)
  return response
}
