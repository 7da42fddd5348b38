import { policySourceOf } from '../../protocol/oauth/redirect-uri.ts'
import { findWaitingRedirectUri } from '../oauth/waiting-app.ts'
import type { AppRequest } from '../request.ts'

/** Returns the path to continue at after sign-in, always on our own origin. */
export function continuePath(value: string | null | undefined, origin: string): string {
  if (!value || !/^\/(?![/\\])/.test(value) || value.length > 10_000 || !URL.canParse(value, origin)) return '/dashboard/'
  const url = new URL(value, origin)
  // `/.//host` starts with a single slash until the dot segment is removed
  return url.origin === origin && !url.pathname.startsWith('//') ? url.pathname + url.search : '/dashboard/'
}

/** Returns true if the person opened an invitation before signing in. */
export function isInvitation(next: string): boolean {
  return next.startsWith('/auth/invitation/')
}

/**
 * Returns the form-action of the sign-in page. Chromium applies form-action to redirects after the
 * form, and an authorization request may redirect to the app at once. Only a registered redirect
 * URI is named, because anybody can write the path to continue at.
 */
export async function formActionOf(request: AppRequest, next: string): Promise<string[]> {
  const redirectUri = await findWaitingRedirectUri(request, next)
  return redirectUri === undefined ? ["'self'"] : ["'self'", policySourceOf(redirectUri)]
}

/**
 * Returns the authorization request with `prompt=none`, which tells the waiting app that no user is
 * signed in (OpenID Connect Core §3.1.2.6). Undefined if no app waits.
 */
export function appWithoutSignIn(next: string): string | undefined {
  const [, path, query] = /^([^?]*\/authorize)\?(.*)/.exec(next) ?? []
  if (path === undefined) return undefined
  const parameters = new URLSearchParams(query)
  parameters.set('prompt', 'none')
  return `${path}?${parameters}`
}
