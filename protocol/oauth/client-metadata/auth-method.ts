import { must } from '../errors.ts'

export const TOKEN_ENDPOINT_AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const
export type TokenEndpointAuthMethod = (typeof TOKEN_ENDPOINT_AUTH_METHODS)[number]

export function checkAuthMethod(method: string): TokenEndpointAuthMethod {
  const known = TOKEN_ENDPOINT_AUTH_METHODS.find((candidate) => candidate === method)
  must(known, 'invalid_client_metadata', `token_endpoint_auth_method must be one of ${TOKEN_ENDPOINT_AUTH_METHODS.join(', ')}`)
  return known
}
