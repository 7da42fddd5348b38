/**
 * How one sign-in at openid-provider.ts goes, by the `sign-in` parameter (JSON) that a test adds to the authorization request, as a person would by what they
 * do at the provider. A claim that is null is left out.
 */
export interface SignInHere {
  /** Over the client's. */
  claims?: Record<string, unknown>
  /** Of the ID token alone, over everything else. */
  idToken?: Record<string, unknown>
  header?: Record<string, unknown>
  key?: KeyName
  /** Over the parameters the browser comes back with. */
  answer?: Record<string, string | null>
  /** Of userinfo alone. */
  userinfo?: Record<string, unknown>
}

/** `published`: HS256 with the published key as its secret. */
export type KeyName = 'own' | 'other' | 'none' | 'published'
