import type { JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { OAuthError } from './errors.ts'

/** Public keys of a client (RFC 7591 §2), by value or by URL. */
export type PublicKeys = { jwks: JSONWebKeySet } | { jwksUri: string }

/** Limit of a published key set in bytes. */
export const MAX_JWKS = 64 * 1024

/** Members of private and symmetric keys (RFC 7518 §6). */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

const keySet = z.object({
  keys: z
    .array(
      z.looseObject({
        kty: z.enum(['RSA', 'EC', 'OKP']),
        kid: z.string().max(500).optional(),
        use: z.string().optional(),
        alg: z.string().optional(),
      }),
    )
    .min(1)
    .max(20),
})

/** Parses a set of public asymmetric keys. Throws invalid_client_metadata. */
export function parseKeySet(value: unknown): JSONWebKeySet {
  const parsed = keySet.safeParse(value)
  if (!parsed.success) throw new OAuthError('invalid_client_metadata', 'jwks must be a key set of 1 to 20 RSA, EC or OKP public keys')
  for (const [index, key] of parsed.data.keys.entries()) {
    const leaked = PRIVATE_MEMBERS.find((member) => member in key)
    if (leaked !== undefined)
      throw new OAuthError('invalid_client_metadata', `jwks.keys[${index}] holds "${leaked}", a member of private keys only`)
  }
  return parsed.data
}

/**
 * Returns the keys of a private_key_jwt client. The URL must be public. Throws
 * invalid_client_metadata.
 */
export function parseJwks({ jwks, jwksUri }: { jwks: unknown; jwksUri: string | undefined }): PublicKeys {
  if (jwks !== undefined && jwksUri !== undefined)
    throw new OAuthError('invalid_client_metadata', 'jwks and jwks_uri must not be sent together')
  if (jwks !== undefined) return { jwks: parseKeySet(jwks) }
  if (jwksUri === undefined) throw new OAuthError('invalid_client_metadata', 'private_key_jwt requires jwks or jwks_uri')
  return { jwksUri }
}
