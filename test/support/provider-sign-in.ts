/**
 * Behaviour of openid-provider.ts for one sign-in, sent as the `sign-in` parameter (JSON) of the
 * authorization request. A null claim is omitted.
 */
export interface ProviderSignIn {
  /** Claims that replace those of the client. */
  claims?: Record<string, unknown>
  /** Claims of the ID token only; replace all others. */
  idToken?: Record<string, unknown>
  header?: Record<string, unknown>
  key?: KeyName
  /** Changes to the parameters of the authorization response. */
  answer?: Record<string, string | null>
  /** Claims of userinfo only. */
  userinfo?: Record<string, unknown>
}

/** Signing key. `published` is HS256 with the public key as secret. */
export type KeyName = 'own' | 'other' | 'none' | 'published'
