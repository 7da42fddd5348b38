import { z } from 'zod'
import { MAX_NAME_CHARACTERS, stripInvisible, visibleName } from '../visible-text.ts'

/**
 * Claims about a user (OpenID Connect Core §5.1) from an ID token, the userinfo endpoint or an
 * identity assertion.
 */
export interface NamedPerson {
  subject: string
  /** E-mail address in lower case. */
  email: string | undefined
  /** True if the provider has verified the address. */
  emailVerified: boolean
  name: string | undefined
  /** Tenant at a provider with one issuer for several tenants. */
  tenant: string | undefined
}

const shape = z.looseObject({
  sub: z.string().min(1).max(500),
  email: z.email().max(320).optional().catch(undefined),
  // some providers send a string
  email_verified: z
    .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
    .optional()
    .catch(undefined),
  name: z.string().optional().catch(undefined),
  tenant: z.string().max(500).optional(),
})

/** Returns undefined if the subject is missing. Drops a malformed address or name. */
export function parsePerson(claims: unknown): NamedPerson | undefined {
  const parsed = shape.safeParse(claims)
  if (!parsed.success) return undefined
  const { sub, email, email_verified, name, tenant } = parsed.data
  return { subject: sub, email: email?.toLowerCase(), emailVerified: email_verified === true, name: plain(name), tenant }
}

/**
 * Returns a name in its one spelling. A person cannot correct the name at the provider, so
 * invisible characters are removed and a long name is cut.
 */
function plain(name: string | undefined): string | undefined {
  const cut = Array.from(stripInvisible(name ?? '').normalize('NFKC')).slice(0, MAX_NAME_CHARACTERS)
  return visibleName(cut.join('')).name
}
