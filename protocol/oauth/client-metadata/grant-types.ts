import { DEVICE_GRANT } from '../device-authorization.ts'
import { must, OAuthError } from '../errors.ts'
import { JWT_BEARER_GRANT } from '../identity-assertion.ts'

const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials', DEVICE_GRANT, JWT_BEARER_GRANT]
/**
 * Grant types removed by OAuth 2.1. A client that lists such a grant type is refused, because the
 * client would use it. Unknown grant types are left out.
 */
const REFUSED_GRANT_TYPES = ['password', 'implicit']

/**
 * Permission to use the grant types without a user in a browser. Depends on the origin of the
 * client: registration, document, or creation by a member.
 */
export interface GrantPolicy {
  allowsClientCredentials?: boolean
  /**
   * True for clients with a document and clients created by a member, because the id of such a
   * client is valid at every issuer.
   */
  allowsJwtBearer?: boolean
}

/**
 * Returns the grant types that a client gets. Refresh tokens need a grant type that involves a
 * user. Client credentials and JWT bearer need a secret or a key (RFC 6749 §4.4, §9 of the ID-JAG
 * draft).
 */
export function checkGrantTypes(asked: string[], policy: GrantPolicy, isConfidential: boolean): string[] {
  for (const refused of REFUSED_GRANT_TYPES)
    must(!asked.includes(refused), 'invalid_client_metadata', `the grant type ${refused} is not supported`)
  const known = GRANT_TYPES.filter((type) => asked.includes(type))
  const served = known.filter((type) => grantTypeFault(type, policy, isConfidential) === undefined)
  if (served.includes('authorization_code') || served.includes(DEVICE_GRANT)) return served
  const withoutUser = served.filter((type) => type !== 'refresh_token')
  if (withoutUser.length > 0) return withoutUser
  const reason = known.map((type) => grantTypeFault(type, policy, isConfidential)).find((fault) => fault !== undefined)
  throw new OAuthError('invalid_client_metadata', reason ?? `grant_types must include authorization_code or ${DEVICE_GRANT}`)
}

function grantTypeFault(
  type: string,
  { allowsClientCredentials = false, allowsJwtBearer = false }: GrantPolicy,
  isConfidential: boolean,
): string | undefined {
  if (type !== 'client_credentials' && type !== JWT_BEARER_GRANT) return undefined
  if (type === 'client_credentials' && !allowsClientCredentials)
    return 'client_credentials is not available to registered apps; ask the owner of this server for a client'
  if (type === JWT_BEARER_GRANT && !allowsJwtBearer)
    return `${type} requires a client with a metadata document, or a client created by the owner of this server`
  return isConfidential ? undefined : `${type} requires a token_endpoint_auth_method other than none`
}
