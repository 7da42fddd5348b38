import { html, page } from '../../pages/page.ts'
import type { AppRequest, Handler } from '../../request.ts'
import { tooManyAttempts, withinAuthLimit } from '../attempts.ts'
import { continuePath } from '../continue-path.ts'
import { sealCookie } from '../sealed-cookie.ts'
import { beginSignIn } from '../../openid/exchange.ts'
import { providerFault, signInFault } from './fault.ts'
import { FLOW, flowKey } from './flow.ts'
import { findOpenIdProvider } from '../../openid/provider.ts'
import { readPageForm } from '../../pages/form.ts'

/**
 * Sends the browser to a provider. Only our own forms can start a sign-in, so no other site can
 * sign a person in. The reply is a page with a refresh, because Chromium applies form-action to
 * redirects after a form.
 */
export const startSignIn: Handler<AppRequest> = async (request) => {
  const { provider: id = '', continue: after } = await readPageForm(request)
  const next = continuePath(after, request.addresses.origin)
  if (!(await withinAuthLimit(request))) return tooManyAttempts()
  const provider = await findOpenIdProvider(request, id)
  if (!provider) throw signInFault(404, 'Provider not found', 'The provider was removed or no longer offers sign-in.', next)
  const begun = await beginSignIn(request, provider)
  if ('failure' in begun) throw providerFault(provider, begun.failure, next)
  const { url, challenge } = begun.value
  const cookies = await sealCookie(request, FLOW, flowKey(challenge.state), { provider: id, ...challenge, next })
  const response = page({
    title: `Continue to ${provider.name}`,
    headers: { Refresh: `0; url=${url.href}` },
    body: html`<h1>Continue to ${provider.name}</h1>
      <p>You sign in at <strong>${url.host}</strong> and then return to this site.</p>
      <p><a class="button" href="${url.href}">Continue</a></p>`,
  })
  for (const cookie of cookies) response.headers.append('Set-Cookie', cookie)
  return response
}
