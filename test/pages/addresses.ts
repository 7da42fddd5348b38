/** URLs that depend on ids created by furnish.ts. */
export interface Addresses {
  /** Consent page of a loopback app that requests all scopes, at a server with few tools. */
  consent: string
  /** Consent page at a server with many tools, whose list is collapsed. */
  consentOfMany: string
  /** Consent page of an app that already has all requested rights. */
  consentAgain: string
  /** Server choice page of the root issuer. */
  rootChoice: string
  /** Device page with the user code filled in. */
  device: string
  invitation: string
  /** Error page for an unknown client id. */
  unknownClient: string
}
