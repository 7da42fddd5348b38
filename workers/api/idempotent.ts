import { open, seal, type SealedFor } from '../../hosting/vault.ts'
import { Problem } from '../../protocol/problem.ts'
import { sha256 } from '../../protocol/random.ts'
import { d1Failure } from '../../store/d1-errors.ts'
import { Conflict } from '../../store/guard.ts'
import type { Store } from '../../store/index.ts'
import { claimKey, releaseKey, renewLease, RENEWAL_MS, storeOfRun, storeReply, type Run } from '../../store/idempotency.ts'
import { json } from '../responses.ts'
import { MAX_UPLOAD, readText } from './body.ts'
import type { Handler, UserRequest } from '../request.ts'

const MAX_STORED = 64 * 1024

/** A request behind `idempotent`. `once` is set if the request has an Idempotency-Key. */
export interface IdempotentRequest extends UserRequest {
  /** The run of the request, and the store that does not mark its batches. */
  once?: { run: Run; store: Store }
}

/** Stored with the mutation: the reply, or a receipt that finds the result if no reply is known. */
type Stored = { reply: string } | { receipt: string }

/**
 * Returns the reply of a mutation that is stored without its reply, because the platform died in
 * between or the reply is too large. Undefined if the result has been deleted since.
 */
type Recall<R> = (request: R, receipt: string) => Promise<Response | undefined>

/**
 * Returns the store for the mutation of the request. With an Idempotency-Key, the batch of the
 * mutation also stores the reply, so that a retry gets the same reply, secrets shown once included.
 * The reply is sealed. A handler that calls neither this nor {@link storeWithReceipt} needs a
 * `recall`.
 */
export async function storeWithReply(request: IdempotentRequest, reply: Response): Promise<Store> {
  return storing(request, reply.status, { reply: await reply.clone().text() })
}

/** Like {@link storeWithReply}, for a reply that is known only after the mutation. */
export function storeWithReceipt(request: IdempotentRequest, status: number, receipt: string): Promise<Store> {
  return storing(request, status, { receipt })
}

async function storing({ once, store, env }: IdempotentRequest, status: number, stored: Stored): Promise<Store> {
  return once ? storeOfRun(once.store, once.run, { status, body: await sealed(env, once.run, stored) }) : store
}

/**
 * Runs a POST with an `Idempotency-Key` once. For 24 h a repeated request gets the first reply. The
 * key with a different request is 400, and a repeat during the first run is 409. If the platform
 * dies before the mutation is stored, a retry runs within seconds; after that, a retry gets the
 * reply.
 */
export function idempotent<R extends IdempotentRequest>(handler: Handler<R>, recall?: Recall<R>): Handler<R> {
  return async (request) => {
    const key = request.headers.get('Idempotency-Key')
    if (key === null) return handler(request)
    if (!/^[\x21-\x7e]{1,100}$/.test(key))
      throw new Problem(400, 'Invalid request', 'Idempotency-Key must be 1 to 100 visible ASCII characters.')
    const { store, user, env } = request
    const bodyHash = await sha256(await readText(request.clone(), MAX_UPLOAD))
    const requestHash = await sha256(`${request.method} ${request.location.path} ${bodyHash}`)
    const claim = await claimKey(store, { userId: user.id, key, requestHash }, new Date())
    if (claim.state === 'other-request')
      throw new Problem(400, 'Key used before', 'This Idempotency-Key was used for a different request. Use a new key.')
    if (claim.state === 'in-flight') throw stillRunning()
    if (claim.state === 'done') {
      const { status, body } = claim
      const stored = body === undefined ? undefined : await opened(env, { userId: user.id, key }, body)
      if (stored && 'reply' in stored) return repeated(stored.reply, status)
      const recalled = await recall?.(request, stored?.receipt ?? '')
      if (!recalled) throw doneBefore()
      return recalled
    }
    const { run } = claim
    const renewal = setInterval(() => void renewLease(store, run, new Date()).catch(() => undefined), RENEWAL_MS)
    let response: Response
    try {
      request.once = { run, store }
      // marks also a mutation without a reply, so that none runs twice
      request.store = storeOfRun(store, run, { status: 200, body: null })
      response = await handler(request)
    } catch (error) {
      // a failed release leaves the key to its lease
      const isReleased = await releaseKey(store, run).catch(() => undefined)
      throw isReleased === false && isConflict(error) ? stillRunning() : error
    } finally {
      clearInterval(renewal)
    }
    await keepReply({ run, store }, response, env)
    return response
  }
}

/** Stores the reply after the mutation. A failure is only logged, as the mutation is stored. */
async function keepReply({ run, store }: { run: Run; store: Store }, response: Response, env: Env): Promise<void> {
  const reply = await response.clone().text()
  if (reply.length > MAX_STORED) return
  const write = async () => storeReply(store, run, { status: response.status, body: await sealed(env, run, { reply }) })
  // the error of a failed query quotes its parameters, so the log has the kind of failure only
  await write().catch((error: unknown) =>
    console.error(JSON.stringify({ event: 'reply-not-kept', failure: d1Failure(error) ?? 'unknown' })),
  )
}

function repeated(reply: string, status: number): Response {
  return json(JSON.parse(reply), { status, headers: { 'Cache-Control': 'no-store' } })
}

/** True also for the problem that a handler makes of a refused batch, such as a reached limit. */
function isConflict(error: unknown): boolean {
  return error instanceof Conflict || (error instanceof Problem && error.status === 409)
}

function stillRunning(): Problem {
  return new Problem(409, 'Still running', 'The first request with this Idempotency-Key is still running. Try again in a second.', {
    headers: { 'Retry-After': '1' },
  })
}

function doneBefore(): Problem {
  return new Problem(
    409,
    'Done before',
    'The request with this Idempotency-Key has succeeded before. Its reply can no longer be shown; read the created resource.',
  )
}

/** The envelope opens for the user and key alone. */
const ownerOf = ({ userId, key }: Pick<Run, 'userId' | 'key'>): SealedFor => ({
  tenantId: null,
  serverId: null,
  name: JSON.stringify(['idempotency', userId, key]),
})

async function sealed(env: Env, run: Run, stored: Stored): Promise<string | null> {
  const text = JSON.stringify(stored)
  return text.length > MAX_STORED ? null : seal(env, ownerOf(run), text)
}

/** Returns undefined if the envelope does not open, for example after a lost VAULT_KEY. */
async function opened(env: Env, run: Pick<Run, 'userId' | 'key'>, body: string): Promise<Stored | undefined> {
  if (!body.startsWith('v1.')) return { reply: body } // stored by an earlier release
  try {
    return JSON.parse(await open(env, ownerOf(run), body)) as Stored
  } catch {
    return undefined
  }
}
