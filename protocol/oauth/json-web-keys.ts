import type { JSONWebKeySet } from 'jose'
import { z } from 'zod'
import { OAuthError } from './errors.ts'

/** A client's public keys (RFC 7591 §2): by value, or where they are published. Never both. */
export type PublicKeys = { jwks: JSONWebKeySet } | { jwksUri: string }

/** Bytes of a published key set. */
export const MAX_JWKS = 64 * 1024

/** Members of RFC 7518 §6 that only a private or a shared key has. */
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

/** A key set of public asymmetric keys. Throws an OAuthError (invalid_client_metadata). */
export function parseKeySet(value: unknown): JSONWebKeySet {
  const parsed = keySet.safeParse(value)
  if (!parsed.success) throw new OAuthError('invalid_client_metadata', 'jwks must be a key set of 1 to 20 RSA, EC or OKP public keys')
  for (const [index, key] of parsed.data.keys.entries()) {
    const leaked = PRIVATE_MEMBERS.find((member) => member in key)
    if (leaked !== undefined)
      throw new OAuthError('invalid_client_metadata', `jwks.keys[${index}] holds "${leaked}", which belongs in a private key only`)
  }
  return parsed.data
}

/** The keys of a client that authenticates by private_key_jwt; the URL is a public one. Throws an OAuthError (invalid_client_metadata). */
export function parseJwks({ jwks, jwksUri }: { jwks: unknown; jwksUri: string | undefined }): PublicKeys {
  if (jwks !== undefined && jwksUri !== undefined) throw new OAuthError('invalid_client_metadata', 'jwks and jwks_uri exclude each other')
  if (jwks !== undefined) return { jwks: parseKeySet(jwks) }
  if (jwksUri === undefined) throw new OAuthError('invalid_client_metadata', 'private_key_jwt needs jwks or jwks_uri')
  return { jwksUri }
}
