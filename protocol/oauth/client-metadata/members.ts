import { z } from 'zod'
import { isPublicName } from '../../http/guarded-fetch.ts'
import { VISIBLE_LINE, visibleName } from '../../visible-text.ts'

const line = (max: number) => z.string().max(max, `is longer than ${max} characters`).regex(VISIBLE_LINE, 'has invisible characters')

/** A name in its one spelling, or undefined for an empty name. */
const visible = (maxCharacters?: number) =>
  z.string().transform((text, context) => {
    if (text.trim() === '') return undefined
    const { name, problem } = visibleName(text, maxCharacters)
    if (problem === undefined) return name
    context.addIssue({ code: 'custom', message: problem })
    return z.NEVER
  })

/** Longer than every registration, so that only invisible characters are a fault. */
const ANY_LENGTH = 1_000_000
const names = z.array(z.string().max(200, 'has an entry longer than 200 characters')).max(20, 'has more than 20 entries')
const publicLink = (max: number) =>
  z
    .string()
    .max(max, `is longer than ${max} characters`)
    .refine((text) => text === '' || isPublicLink(text), 'must be an https URL at a public host name')
    .transform((text) => text || undefined)
    .optional()
const webPage = publicLink(1024)

/** Members of a registration body (RFC 7591 §2). Unknown members are ignored. */
export const clientMetadataMembers = z.object({
  redirect_uris: z.array(z.string()).optional(),
  token_endpoint_auth_method: z.string().default('client_secret_basic'),
  grant_types: names.default(['authorization_code']),
  response_types: names.optional(),
  application_type: z.enum(['web', 'native'], { error: 'must be web or native' }).optional(),
  // refused if the name hides characters, and left out if the name is only too long
  client_name: visible(ANY_LENGTH).optional(),
  jwks: z.unknown().optional(),
  jwks_uri: publicLink(2048),
  scope: z.string().max(1000, 'is longer than 1000 characters').optional(),
  software_statement: z.unknown().optional(),
})

/**
 * Members that only describe the app. A member with a fault is left out, because no rule depends on
 * it, and apps register with what their authors have at hand, such as a logo on localhost.
 */
export const cosmeticMembers = {
  client_name: visible().optional(),
  client_uri: webPage,
  logo_uri: webPage,
  policy_uri: webPage,
  tos_uri: webPage,
  contacts: z.array(line(320)).max(10, 'has more than 10 entries').optional(),
  software_id: line(200).optional(),
  software_version: line(200).optional(),
}

/**
 * Returns true for an https URL at a public host name. Users open these links and the platform
 * fetches the keys, so no link may lead into a private network.
 */
function isPublicLink(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  return protocol === 'https:' && username === '' && password === '' && isPublicName(hostname)
}
