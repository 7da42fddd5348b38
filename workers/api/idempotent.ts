import { Problem } from '../../protocol/problem.ts'
import { sha256 } from '../../protocol/random.ts'
import { claimKey, releaseKey, storeAnswer } from '../../store/idempotency.ts'
import { json } from '../responses.ts'
import { MAX_UPLOAD, readText } from './body.ts'
import type { Handler, UserRequest } from '../request.ts'

const MAX_STORED = 64 * 1024

/**
 * Runs a POST with an `Idempotency-Key` once. For 24 h a repeated request gets the first reply. The
 * key with a different request is 400, and a repeat during the first run is 409. Secrets shown once
 * are not stored, so a repeated reply lacks them.
 */
export function idempotent<R extends UserRequest>(handler: Handler<R>): Handler<R> {
  return async (request) => {
    const key = request.headers.get('Idempotency-Key')
    if (key === null) return handler(request)
    if (!/^[\x21-\x7e]{1,100}$/.test(key))
      throw new Problem(400, 'Invalid request', 'Idempotency-Key must be 1 to 100 visible ASCII characters.')
    const { store, user } = request
    const bodyHash = await sha256(await readText(request.clone(), MAX_UPLOAD))
    const claimed = { userId: user.id, key }
    const claim = await claimKey(
      store,
      { ...claimed, requestHash: await sha256(`${request.method} ${request.location.path} ${bodyHash}`) },
      new Date(),
    )
    if (claim.state === 'answered' && claim.body === undefined) {
      throw new Problem(
        409,
        'Done before',
        'The request with this Idempotency-Key has succeeded. Its reply was too large to store; read the created resource.',
      )
    }
    if (claim.state === 'answered')
      return json(JSON.parse(claim.body ?? '{}'), { status: claim.status, headers: { 'Cache-Control': 'no-store' } })
    if (claim.state === 'other-request')
      throw new Problem(400, 'Key used before', 'This Idempotency-Key was used for a different request. Use a new key.')
    if (claim.state === 'in-flight')
      throw new Problem(409, 'Still running', 'The first request with this Idempotency-Key is still running. Try again in a second.', {
        headers: { 'Retry-After': '1' },
      })
    let response: Response
    try {
      response = await handler(request)
    } catch (error) {
      await releaseKey(store, claimed) // the request changed nothing
      throw error
    }
    await storeAnswer(store, claimed, { status: response.status, body: withoutSecrets(await response.clone().text()) })
    return response
  }
}

/** Returns undefined for a reply that is too large to store. */
function withoutSecrets(body: string): string | undefined {
  if (body.length > MAX_STORED) return undefined
  if (body === '') return '{}'
  const { token: _token, url, secret: _secret, key: _key, ...rest } = JSON.parse(body) as Record<string, unknown>
  return JSON.stringify(
    typeof url === 'string' && url.includes('/auth/invitation/') ? rest : { ...rest, ...(url === undefined ? {} : { url }) },
  )
}
