import type { JSONWebKeySet } from 'jose'
import { assertedKeyId, isOfAnotherKey, verifyClientAssertion } from '../../protocol/oauth/client-assertion.ts'
import { must } from '../../protocol/oauth/errors.ts'
import { MAX_JWKS, parseKeySet, type PublicKeys } from '../../protocol/oauth/json-web-keys.ts'
import { sha256 } from '../../protocol/random.ts'
import { useAssertionId } from '../../store/assertion-ids.ts'
import type { Client } from '../../store/clients.ts'
import { readDocument, type DocumentKind } from '../../store/metadata-cache.ts'
import type { IssuerRequest } from '../request.ts'

const KEY_SET: DocumentKind<JSONWebKeySet> = { name: 'jwks', maxBytes: MAX_JWKS, parse: parseKeySet }

/** Between two fetches of a key set that lacks the key an assertion names. */
const REFETCH_MS = 30_000

/** A key id that no set holds. */
const NEW_KEY = ''

/** RFC 7523 §3: the client proves itself with its key, once per assertion. Throws invalid_client, or DocumentUnavailable where its keys cannot be had. */
export async function acceptAssertion(
  assertion: string,
  { clientId, keys }: Client,
  { store, urls, headers }: Pick<IssuerRequest, 'store' | 'urls' | 'headers'>,
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
): Promise<void> {
  must(keys, 'invalid_client', 'the client has no keys')
  const now = new Date()
  const verify = async (keyId: string | undefined) =>
    verifyClientAssertion(assertion, {
      clientId,
      keys: await findKeys(keys, keyId, { now, headers }, env, ctx),
      audiences: [urls.issuer, urls.tokenEndpoint],
      now,
    })
  const keyId = assertedKeyId(assertion)
  const { jti } = await verify(keyId).catch((error: unknown) => {
    // without a name, only trying tells that the client's key may be a new one
    if (keyId !== undefined || !isOfAnotherKey(error)) throw error
    return verify(NEW_KEY)
  })
  const isFirst = await useAssertionId(store, urls.issuer, await sha256(JSON.stringify(['client', clientId, jti])), now)
  must(isFirst, 'invalid_client', 'the assertion was used before')
}

/** A client's keys now. A key id that the kept set does not hold may be a new one, so the set is fetched again, though not all the time. */
export async function findKeys(
  keys: PublicKeys,
  keyId: string | undefined,
  { now, headers }: { now: Date; headers: Headers },
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
): Promise<JSONWebKeySet> {
  if ('jwks' in keys) return keys.jwks
  const options = {
    now,
    waitUntil: (promise: Promise<unknown>) => ctx.waitUntil(promise),
    asker: headers.get('CF-Connecting-IP') ?? 'unknown',
  }
  const kept = await readDocument(env, KEY_SET, keys.jwksUri, options)
  if (keyId === undefined || kept.keys.some(({ kid }) => kid === keyId)) return kept
  return readDocument(env, KEY_SET, keys.jwksUri, { ...options, notBefore: new Date(now.getTime() - REFETCH_MS) })
}
