import { z } from 'zod'
import { stripHiddenCharacters } from '../plain-text.ts'

/** What a provider says of who signed in, in an ID token or at its userinfo endpoint (OpenID Connect Core §5.1), or in an identity assertion. */
export interface NamedPerson {
  subject: string
  /** Lower case. */
  email: string | undefined
  /** The provider says that the address is theirs. */
  emailVerified: boolean
  name: string | undefined
  /** Of an issuer that serves several: whose people these are. */
  tenant: string | undefined
}

const shape = z.looseObject({
  sub: z.string().min(1).max(500),
  email: z.email().max(320).optional().catch(undefined),
  // some providers write it as a string
  email_verified: z
    .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])
    .optional()
    .catch(undefined),
  name: z.string().optional().catch(undefined),
  tenant: z.string().max(500).optional(),
})

/** Undefined without a subject. An address or a name that is none is left out. */
export function parsePerson(claims: unknown): NamedPerson | undefined {
  const parsed = shape.safeParse(claims)
  if (!parsed.success) return undefined
  const { sub, email, email_verified, name, tenant } = parsed.data
  return { subject: sub, email: email?.toLowerCase(), emailVerified: email_verified === true, name: plain(name), tenant }
}

/** One line without what could make it read as another's name. */
function plain(name: string | undefined): string | undefined {
  return (
    stripHiddenCharacters(name ?? '')
      .trim()
      .slice(0, 100) || undefined
  )
}
