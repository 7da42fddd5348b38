import type { JSONWebKeySet } from 'jose'
import { MAX_JWKS, parseKeySet, type PublicKeys } from '../../protocol/oauth/json-web-keys.ts'
import { isOfAnotherKey } from '../../protocol/oauth/signed-jwt.ts'
import type { DocumentKind } from '../../hosting/upstream/document-fetch.ts'
import { readDocument } from '../../hosting/upstream/documents.ts'
import { callerNetwork } from '../caller-network.ts'
import type { AppRequest } from '../request.ts'

const KEY_SET: DocumentKind<JSONWebKeySet> = { name: 'jwks', maxBytes: MAX_JWKS, parse: parseKeySet }

/** Minimum time between two fetches of a key set that lacks the key of a JWT. */
const REFETCH_MS = 30_000

/** A key id found in no key set. */
const NEW_KEY = ''

interface Reader {
  /** True for keys of a trusted provider, false for keys of an app. */
  ofProvider?: boolean
  now: Date
  request: Pick<AppRequest, 'headers' | 'env' | 'waitUntil'>
}

/**
 * Verifies a JWT with current keys. `keyId` is the unverified key id of the JWT. Throws the error
 * of `verify`, or DocumentUnavailable if the keys cannot be fetched.
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
    // a JWT without a key id may be signed by a new key
    if (keyId !== undefined || !isOfAnotherKey(error)) throw error
    return verify(await findKeys(keys, NEW_KEY, reader))
  }
}

/** Returns the cached key set. */
export function readKeys(jwksUri: string, reader: Reader): Promise<JSONWebKeySet> {
  return findKeys({ jwksUri }, undefined, reader)
}

/**
 * Finds the key set. If the cached set lacks the key id, the set is fetched again, at most once per
 * 30 seconds, because the key may be new.
 */
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
