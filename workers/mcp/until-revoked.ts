import { reasonToStop } from '../../hosting/call/policy.ts'
import { ErrorCode } from '../../protocol/mcp/errors.ts'
import type { ModernRequest } from '../../protocol/mcp/inbound.ts'
import type { JsonRpcMessage } from '../../protocol/mcp/json-rpc.ts'
import type { ToolDefinition } from '../../protocol/versions/surface.ts'
import type { BearerRequest } from '../request.ts'
import { callerNow } from '../callers.ts'

/** How often the access behind a stream is looked up anew: with the time until a call becomes a stream, within the 10 s in which an end takes effect. */
const LOOK_MS = 3_000

interface Watched {
  request: BearerRequest
  message: ModernRequest['message']
  tool: ToolDefinition | undefined
  /** When the request came. */
  since: Date
  /** Aborted where the call has to stop. */
  stop: AbortController
}

/**
 * The messages of a call that has become a stream, as long as its caller could make it. Who ends or narrows a grant may do so in another isolate, which knows
 * nothing of the calls here, so the call asks; one that is answered at once never does.
 */
export async function* whileLetIn(
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
    // a source that is stopped may take its time to say so
    void Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
}

/** Undefined once the call is over. */
async function reasonInTime(watched: Omit<Watched, 'stop'>, over: AbortSignal): Promise<string | undefined> {
  for (;;) {
    await scheduler.wait(LOOK_MS, { signal: over }).catch(() => undefined)
    if (over.aborted) return undefined
    // storage that is down ends nothing: it is asked again
    const reason = await reasonNow(watched).catch(() => undefined)
    if (reason !== undefined) return reason
  }
}

async function reasonNow({ request, message, tool, since }: Omit<Watched, 'stop'>): Promise<string | undefined> {
  return reasonToStop(await callerNow(request, since), message, tool)
}
