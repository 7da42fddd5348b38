import type { JSONWebKeySet } from 'jose'
import { MAX_JWKS, parseKeySet, type PublicKeys } from '../../protocol/oauth/json-web-keys.ts'
import { isOfAnotherKey } from '../../protocol/oauth/signed-jwt.ts'
import type { DocumentKind } from '../../hosting/upstream/document-fetch.ts'
import { readDocument } from '../../hosting/upstream/documents.ts'
import { callerNetwork } from '../caller-network.ts'
import type { AppRequest } from '../request.ts'

const KEY_SET: DocumentKind<JSONWebKeySet> = { name: 'jwks', maxBytes: MAX_JWKS, parse: parseKeySet }

/** Between two fetches of a key set that lacks the key a JWT names. */
const REFETCH_MS = 30_000

/** A key id that no set holds. */
const NEW_KEY = ''

interface Reader {
  /** They are a trusted provider's, not an app's. */
  ofProvider?: boolean
  now: Date
  request: Pick<AppRequest, 'headers' | 'env' | 'waitUntil'>
}

/**
 * Verifies a JWT with somebody's keys of the moment. `keyId` is what it names, unverified. Throws what `verify` throws, or DocumentUnavailable where the keys
 * cannot be had.
 */
export async function verifyWithKeys<T>(
  keys: PublicKeys,
  keyId: string | undefined,
  verify: (keys: JSONWebKeySet) => Promise<T>,
  reader: Reader,
): Promise<T> {
  try {
    return await verify(await findKeys(keys, keyId, reader))
  } catch (error) {
    // without a name, only trying tells that the key may be a new one
    if (keyId !== undefined || !isOfAnotherKey(error)) throw error
    return verify(await findKeys(keys, NEW_KEY, reader))
  }
}

/** Somebody's keys as they are kept now. */
export function readKeys(jwksUri: string, reader: Reader): Promise<JSONWebKeySet> {
  return findKeys({ jwksUri }, undefined, reader)
}

/** A key id that the kept set does not hold may be a new one, so the set is fetched again, though not all the time. */
async function findKeys(keys: PublicKeys, keyId: string | undefined, { ofProvider = false, now, request }: Reader): Promise<JSONWebKeySet> {
  if ('jwks' in keys) return keys.jwks
  const options = {
    now,
    waitUntil: request.waitUntil,
    asker: callerNetwork(request.headers),
    ofProvider,
  }
  const kept = await readDocument(request.env, KEY_SET, keys.jwksUri, options)
  if (keyId === undefined || kept.keys.some(({ kid }) => kid === keyId)) return kept
  return readDocument(request.env, KEY_SET, keys.jwksUri, { ...options, notBefore: new Date(now.getTime() - REFETCH_MS) })
}
