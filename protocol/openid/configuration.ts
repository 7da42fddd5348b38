import { z } from 'zod'

/** Limit of a provider's configuration document in bytes. */
export const MAX_CONFIGURATION = 64 * 1024

const endpoint = z
  .string()
  .max(2048)
  .refine((text) => URL.canParse(text) && new URL(text).protocol === 'https:', 'must be an https URL')

const configuration = z.object({
  issuer: z.string().max(500),
  jwks_uri: endpoint,
  authorization_endpoint: endpoint.optional(),
  token_endpoint: endpoint.optional(),
  userinfo_endpoint: endpoint.optional(),
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
  id_token_signing_alg_values_supported: z.array(z.string()).optional(),
  authorization_response_iss_parameter_supported: z.boolean().optional(),
})

/**
 * Provider configuration (OpenID Connect Discovery 1.0 §3), the members that a relying party needs.
 */
export type ProviderConfiguration = z.infer<typeof configuration>

/**
 * Returns the fault of an issuer identifier (OpenID Connect Core §2), or undefined. The guarded
 * fetch checks the host.
 */
export function issuerFault(issuer: string): string | undefined {
  if (!/^https:\/\/[\x21-\x7e]+$/.test(issuer) || !URL.canParse(issuer)) return 'must be an https URL'
  const { href, port, username, password } = new URL(issuer)
  if (username !== '' || password !== '') return 'must not have user information'
  if (port !== '') return 'must be on the default port'
  if (/[?#]/.test(issuer)) return 'must have neither query nor fragment'
  if (href !== issuer && href !== `${issuer}/`) return `must be written as ${href}`
  return undefined
}

/** Returns the URL of the configuration (Discovery §4). */
export function configurationUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
}

/**
 * Parses a fetched document. The issuer must match the URL (§4.3), except for a trailing slash,
 * which the URL does not show. Faults are cached by URL, so they must not depend on the caller.
 */
export function parseConfiguration(body: unknown, url: string): ProviderConfiguration {
  const parsed = configuration.safeParse(body)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const member = issue?.path[0]
    throw new Error(member === undefined ? 'the document is not a JSON object' : `${String(member)} in the document: ${issue?.message}`)
  }
  if (configurationUrl(parsed.data.issuer) !== url) throw new Error(`the issuer in the document does not match: ${parsed.data.issuer}`)
  return parsed.data
}
