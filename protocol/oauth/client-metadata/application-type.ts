import { must } from '../errors.ts'
import { isLoopbackRedirectUri, isUsableRedirectUri } from '../redirect-uri.ts'

/**
 * Returns the application type (OpenID Connect Registration §2). A web client has no loopback
 * redirect URI. The redirect URIs decide if the type is absent, or if one has a private-use scheme,
 * because only an app on a user's machine can have such a scheme. Cursor, for example, has
 * registered such a list as a web client.
 */
export function checkApplicationType(type: 'web' | 'native' | undefined, redirectUris: string[]): 'web' | 'native' {
  if (!redirectUris.every(isUsableRedirectUri)) return 'native'
  const loopback = redirectUris.some(isLoopbackRedirectUri)
  must(
    !(type === 'web' && loopback),
    'invalid_redirect_uri',
    'a web client cannot have a loopback redirect URI; register with application_type native',
  )
  return type ?? (loopback ? 'native' : 'web')
}
