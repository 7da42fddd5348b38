import { assertedKeyId, verifyClientAssertion } from '../../protocol/oauth/client-assertion.ts'
import { must } from '../../protocol/oauth/errors.ts'
import { sha256 } from '../../protocol/random.ts'
import { useAssertionId } from '../../store/clients/assertion-ids.ts'
import type { Client } from '../../store/clients/clients.ts'
import type { IssuerRequest } from '../request.ts'
import { verifyWithKeys } from './keys.ts'

/**
 * Verifies a client assertion (RFC 7523 §3), valid only once. Throws invalid_client, or
 * DocumentUnavailable if the keys cannot be fetched.
 */
export async function acceptAssertion(
  assertion: string,
  { clientId, keys }: Client,
  request: Pick<IssuerRequest, 'store' | 'urls' | 'headers' | 'env' | 'waitUntil'>,
): Promise<void> {
  must(keys, 'invalid_client', 'the client has no registered keys')
  const { store, urls } = request
  const now = new Date()
  const audiences = [urls.issuer, urls.tokenEndpoint]
  const { jti } = await verifyWithKeys(
    keys,
    assertedKeyId(assertion),
    (found) => verifyClientAssertion(assertion, { clientId, keys: found, audiences, now }),
    { now, request },
  )
  const isFirst = await useAssertionId(store, urls.issuer, await sha256(JSON.stringify(['client', clientId, jti])), now)
  must(isFirst, 'invalid_client', 'assertion was already used')
}
