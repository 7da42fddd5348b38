import { z } from 'zod'

/** Bytes of a provider's configuration document. */
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

/** OpenID Connect Discovery 1.0 §3, as far as a relying party needs it. */
export type ProviderConfiguration = z.infer<typeof configuration>

/** Undefined = an issuer identifier (OpenID Connect Core §2) written in its normal form; else why not. Whether its host is public the guarded fetch judges. */
export function issuerFault(issuer: string): string | undefined {
  if (!/^https:\/\/[\x21-\x7e]+$/.test(issuer) || !URL.canParse(issuer)) return 'must be an https URL'
  const { href, port, username, password } = new URL(issuer)
  if (username !== '' || password !== '') return 'must not have user information'
  if (port !== '') return 'must be on the default port'
  if (/[?#]/.test(issuer)) return 'must have neither query nor fragment'
  if (href !== issuer && href !== `${issuer}/`) return `must be written in its normal form, which is ${href}`
  return undefined
}

/** Discovery §4. */
export function configurationUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
}

/**
 * Checks a fetched document. That it is its URL's own issuer is checked here (§4.3, but for a trailing slash, which the URL does not show): what is found wrong
 * is kept for all who ask for the URL, so it must not depend on who asked.
 */
export function parseConfiguration(body: unknown, url: string): ProviderConfiguration {
  const parsed = configuration.safeParse(body)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const member = issue?.path[0]
    throw new Error(member === undefined ? 'the document is not a JSON object' : `${String(member)} in the document: ${issue?.message}`)
  }
  if (configurationUrl(parsed.data.issuer) !== url) throw new Error(`the document is of another issuer, ${parsed.data.issuer}`)
  return parsed.data
}
