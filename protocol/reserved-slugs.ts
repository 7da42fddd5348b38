import { RESERVED_SLUGS } from './location.ts'

/**
 * Slugs that no tenant can create: the platform's own path segments, paths of the network in front
 * of the platform, and names under which users expect the platform itself.
 */
const NAMES: ReadonlySet<string> = new Set(
  `
  about abuse account accounts admin administrator billing blog callback cdn cdn-cgi contact docs email favicon graphql
  health help hostmaster internal introspect invite jwks legal login logout mail metrics null oauth oauth2 official oidc
  openid operator ping platform postmaster pricing privacy public robots root saml security settings sign-in sign-out
  sign-up signin signout signup sitemap sso static status support system team terms undefined userinfo webhook webhooks
  webmaster well-known www
  `
    .trim()
    .split(/\s+/),
)

/** The product's name, also as the first or last word of a longer name such as `wharf-support`. */
const PRODUCT = /^wharf(?:-|$)|-wharf$/

export function isReservedSlug(slug: string): boolean {
  return RESERVED_SLUGS.has(slug) || NAMES.has(slug) || PRODUCT.test(slug)
}
