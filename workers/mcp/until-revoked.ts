import { reasonToStop } from '../../hosting/call/policy.ts'
import { ErrorCode } from '../../protocol/mcp/errors.ts'
import type { ModernRequest } from '../../protocol/mcp/inbound.ts'
import type { JsonRpcMessage } from '../../protocol/mcp/json-rpc.ts'
import type { ToolDefinition } from '../../protocol/versions/surface.ts'
import type { BearerRequest } from '../request.ts'
import { findSuspensionOfTenant } from '../../store/tenants/suspensions.ts'
import { callerNow } from '../callers.ts'

/**
 * Interval of authorization checks. Short enough that a revocation takes effect within the promised
 * 10 s, even with the time until a call becomes a stream.
 */
const LOOK_MS = 3_000

interface Watched {
  request: BearerRequest
  message: ModernRequest['message']
  tool: ToolDefinition | undefined
  /** Arrival of the request. */
  since: Date
  /** Aborted to stop the call. */
  stop: AbortController
}

/**
 * Passes on the messages of a streaming call until the caller's authorization ends. Re-checks
 * authorization every 3 s, because a different isolate may revoke or narrow the grant.
 */
export async function* untilRevoked(
  messages: AsyncIterable<JsonRpcMessage>,
  { stop, ...watched }: Watched,
): AsyncGenerator<JsonRpcMessage, undefined> {
  const over = new AbortController()
  const iterator = messages[Symbol.asyncIterator]()
  const stopped = reasonInTime(watched, over.signal)
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), stopped])
      if (typeof next === 'string') {
        stop.abort()
        yield { jsonrpc: '2.0', id: watched.message.id, error: { code: ErrorCode.internalError, message: next } }
        return
      }
      if (!next || next.done === true) return
      yield next.value
    }
  } finally {
    over.abort()
    // not awaited, because a stopped source may be slow to return
    void Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
}

/** Returns the reason to stop the call, or undefined after the call has ended. */
async function reasonInTime(watched: Omit<Watched, 'stop'>, over: AbortSignal): Promise<string | undefined> {
  for (;;) {
    await scheduler.wait(LOOK_MS, { signal: over }).catch(() => undefined)
    if (over.aborted) return undefined
    // an unavailable database ends no call, and the next check tries again
    const reason = await reasonNow(watched).catch(() => undefined)
    if (reason !== undefined) return reason
  }
}

async function reasonNow({ request, message, tool, since }: Omit<Watched, 'stop'>): Promise<string | undefined> {
  const caller = await callerNow(request, since)
  const suspended = caller ? undefined : await findSuspensionOfTenant(request.store, request.server.tenantId)
  return suspended ?? reasonToStop(caller, message, tool)
}
