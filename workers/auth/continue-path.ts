import { isUsableRedirectUri, policySourceOf } from '../../protocol/oauth/redirect-uri.ts'

/** Where to go after signing in: a path of our own origin, whatever the parameter says. */
export function continuePath(value: string | null | undefined, origin: string): string {
  if (!value || !/^\/(?![/\\])/.test(value) || value.length > 10_000 || !URL.canParse(value, origin)) return '/dashboard/'
  const url = new URL(value, origin)
  // `/.//host` begins with one slash only until its dot segment is gone
  return url.origin === origin && !url.pathname.startsWith('//') ? url.pathname + url.search : '/dashboard/'
}

/** Whoever opens an invitation without being signed in comes to these pages first. */
export function isInvitation(next: string): boolean {
  return next.startsWith('/auth/invitation/')
}

/**
 * Where signing in may lead: on to an authorization request, which may end at once at the app that asked. Chromium holds the redirects that follow a form to
 * form-action as well, so the page names that app's origin.
 */
export function formActionOf(next: string): string[] {
  const redirectUri = new URLSearchParams(/\?.*/.exec(next)?.[0]).get('redirect_uri') ?? ''
  return isUsableRedirectUri(redirectUri) ? ["'self'", policySourceOf(redirectUri)] : ["'self'"]
}

/**
 * Where a person sends the app that waits for their sign-in when they give it up: the same authorization request without a page, which tells the app that
 * nobody is signed in (OpenID Connect Core §3.1.2.6). Undefined where no app waits.
 */
export function appWithoutSignIn(next: string): string | undefined {
  const [, path, query] = /^([^?]*\/authorize)\?(.*)/.exec(next) ?? []
  if (path === undefined) return undefined
  const parameters = new URLSearchParams(query)
  parameters.set('prompt', 'none')
  return `${path}?${parameters}`
}
