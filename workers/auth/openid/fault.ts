import type { SignInFailure } from '../../openid/exchange.ts'
import type { OpenIdProvider } from '../../openid/provider.ts'
import { PageFault } from '../../pages/page-fault.ts'
import { appWithoutSignIn } from '../continue-path.ts'

/**
 * Returns a failed sign-in as a page. An app may be waiting at `next`, and receives the error only
 * if the person follows the link to the app (docs/decisions/0009).
 */
export function signInFault(status: number, title: string, detail: string, next = '/dashboard/'): PageFault {
  const backToApp = appWithoutSignIn(next)
  return new PageFault(status, title, detail, [
    // an authorization request leads to the sign-in page of its tenant
    { href: backToApp ? next : `/auth/sign-in?continue=${encodeURIComponent(next)}`, text: 'Sign in another way' },
    ...(backToApp ? [{ href: backToApp, text: 'Return to the app without signing in' }] : []),
  ])
}

/** Returns the page for a sign-in finished before, expired, or started in another browser. */
export function endedSignIn(next?: string): PageFault {
  return signInFault(
    400,
    'This sign-in has ended',
    'It was completed before, took longer than ten minutes, or was started in another browser. Start again.',
    next,
  )
}

/** Returns the page for a failure at the provider. */
export function providerFault({ name, issuer }: OpenIdProvider, failure: SignInFailure, next: string): PageFault {
  const refusal = (why: string) =>
    signInFault(502, `${name} cannot sign you in now`, `The response of ${issuer} was not accepted: ${why}.`, next)
  switch (failure.reason) {
    case 'wrong-callback':
      return signInFault(400, 'The response was not accepted', `It does not belong to this sign-in: ${failure.detail}.`, next)
    case 'authorization-error': {
      const declined = failure.error === 'access_denied'
      const description = failure.description ? `: ${failure.description.slice(0, 300)}` : ''
      return signInFault(
        declined ? 403 : 400,
        declined ? 'You were not signed in' : `${name} did not sign you in`,
        `${name} returned the error ${failure.error}${description}.`,
        next,
      )
    }
    case 'token-error':
      return refusal(`the token endpoint returned the error ${failure.error}`)
    case 'rate-limited':
      return signInFault(429, 'Too many requests', `${failure.detail}.`, next)
    case 'invalid-response':
    case 'unreachable':
      return refusal(failure.detail)
  }
}
