import { Problem } from '../../protocol/problem.ts'
import { sha256 } from '../../protocol/random.ts'
import { claimKey, releaseKey, storeAnswer } from '../../store/idempotency.ts'
import { json } from '../responses.ts'
import { MAX_UPLOAD, readText } from './body.ts'
import type { Handler, UserRequest } from '../request.ts'

const MAX_STORED = 64 * 1024

/**
 * A POST with an `Idempotency-Key` runs once: the same key with the same request is answered as the first was for 24 h, with another request 400, and while
 * the first is still running 409. A secret that is shown once is not stored: its retry is answered without it.
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
        'The request with this Idempotency-Key was done; its answer was too large to keep. Read what it made.',
      )
    }
    if (claim.state === 'answered')
      return json(JSON.parse(claim.body ?? '{}'), { status: claim.status, headers: { 'Cache-Control': 'no-store' } })
    if (claim.state === 'other-request')
      throw new Problem(400, 'Key used before', 'This Idempotency-Key was used for another request. Choose a new one.')
    if (claim.state === 'in-flight')
      throw new Problem(409, 'Still running', 'The first request with this Idempotency-Key is still running.', {
        headers: { 'Retry-After': '1' },
      })
    let response: Response
    try {
      response = await handler(request)
    } catch (error) {
      await releaseKey(store, claimed) // nothing was changed
      throw error
    }
    await storeAnswer(store, claimed, { status: response.status, body: withoutSecrets(await response.clone().text()) })
    return response
  }
}

/** Undefined for an answer that is too large to keep: its retry is told that the first was done. */
function withoutSecrets(body: string): string | undefined {
  if (body.length > MAX_STORED) return undefined
  if (body === '') return '{}'
  const { token: _token, url, secret: _secret, key: _key, ...rest } = JSON.parse(body) as Record<string, unknown>
  return JSON.stringify(
    typeof url === 'string' && url.includes('/auth/invitation/') ? rest : { ...rest, ...(url === undefined ? {} : { url }) },
  )
}
