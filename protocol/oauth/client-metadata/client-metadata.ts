import type { z } from 'zod'
import type { Addresses } from '../../location.ts'
import { isRecord } from '../../record.ts'
import { must, OAuthError } from '../errors.ts'
import { parseJwks, type PublicKeys } from '../json-web-keys.ts'
import { isScope } from '../scope.ts'
import { checkApplicationType } from './application-type.ts'
import { checkAuthMethod, type TokenEndpointAuthMethod } from './auth-method.ts'
import { checkGrantTypes, type GrantPolicy } from './grant-types.ts'
import { clientMetadataMembers, cosmeticMembers } from './members.ts'
import { checkRedirectUris } from './redirect-uris.ts'
import { checkResponseTypes } from './response-types.ts'

/** Client metadata (RFC 7591 §2) with defaults filled in and unsupported values left out. */
export interface ClientMetadata {
  redirectUris: string[]
  grantTypes: string[]
  responseTypes: string[]
  tokenEndpointAuthMethod: TokenEndpointAuthMethod
  applicationType: 'web' | 'native'
  /** Present for private_key_jwt only. */
  keys: PublicKeys | undefined
  name: string | undefined
  /** Members for display, under their names on the wire. Their URLs are never fetched. */
  display: Record<string, unknown>
  /** Faults of the members for display that were left out, by name. Undefined without faults. */
  leftOut: Record<string, string> | undefined
}

export interface MetadataPolicy extends GrantPolicy {
  /**
   * Addresses of the platform, which no redirect URI may have. Undefined for the platform's own
   * dashboard only.
   */
  addresses: Addresses | undefined
}

/**
 * Returns the metadata of a registration body (RFC 7591 §3.1). Ignores members that the client
 * cannot choose (client_id, client_secret) and unknown members.
 */
export function parseClientMetadata(body: unknown, { addresses, ...policy }: MetadataPolicy): ClientMetadata {
  const given = withoutNull(body)
  const parsed = clientMetadataMembers.safeParse(given)
  if (!parsed.success) throw memberFault(parsed.error.issues[0])
  const metadata = parsed.data
  must(metadata.software_statement === undefined, 'invalid_software_statement', 'software_statement is not supported')
  const { cosmetic, leftOut } = readCosmetic(given)
  const tokenEndpointAuthMethod = checkAuthMethod(metadata.token_endpoint_auth_method)
  const grantTypes = checkGrantTypes(metadata.grant_types, policy, tokenEndpointAuthMethod !== 'none')
  const redirects = grantTypes.includes('authorization_code')
  const redirectUris = redirects ? checkRedirectUris(metadata.redirect_uris, addresses) : []
  return {
    redirectUris,
    grantTypes,
    responseTypes: checkResponseTypes(metadata.response_types, redirects),
    tokenEndpointAuthMethod,
    keys: tokenEndpointAuthMethod === 'private_key_jwt' ? parseJwks({ jwks: metadata.jwks, jwksUri: metadata.jwks_uri }) : undefined,
    applicationType: checkApplicationType(metadata.application_type, redirectUris),
    name: cosmetic.client_name,
    display: {
      client_uri: cosmetic.client_uri,
      logo_uri: cosmetic.logo_uri,
      policy_uri: cosmetic.policy_uri,
      tos_uri: cosmetic.tos_uri,
      contacts: cosmetic.contacts,
      scope: metadata.scope?.split(' ').filter(isScope).join(' ') || undefined,
      software_id: cosmetic.software_id,
      software_version: cosmetic.software_version,
    },
    leftOut,
  }
}

type CosmeticMember = keyof typeof cosmeticMembers

/** Reads the members for display, and the fault of each member that is left out. */
function readCosmetic(body: unknown) {
  const cosmetic: Partial<Record<CosmeticMember, unknown>> & { client_name?: string } = {}
  const faults: [string, string][] = []
  for (const [name, schema] of Object.entries(cosmeticMembers) as [CosmeticMember, z.ZodType][]) {
    const parsed = schema.safeParse(isRecord(body) ? body[name] : undefined)
    if (parsed.success) Object.assign(cosmetic, { [name]: parsed.data })
    else faults.push([name, faultOf(parsed.error.issues[0], name === 'contacts')])
  }
  return { cosmetic, leftOut: faults.length > 0 ? Object.fromEntries(faults) : undefined }
}

function memberFault(issue: z.core.$ZodIssue | undefined): OAuthError {
  const member = String(issue?.path[0] ?? '')
  if (member === 'redirect_uris') return new OAuthError('invalid_redirect_uri', 'redirect_uris must be an array of strings')
  return new OAuthError('invalid_client_metadata', member ? `${member} ${faultOf(issue)}` : 'the body must be a JSON object')
}

function faultOf(issue: z.core.$ZodIssue | undefined, isList = (issue?.path.length ?? 0) > 1): string {
  if (issue?.code !== 'invalid_type') return issue?.message ?? 'is not acceptable'
  return issue.expected === 'array' || isList ? 'must be an array of strings' : 'must be text'
}

/**
 * Drops null members, because serializers of several languages write null for an absent member (RFC
 * 7592 §2.2).
 */
function withoutNull(body: unknown): unknown {
  if (!isRecord(body)) return body
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
}
