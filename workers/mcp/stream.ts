import type { JsonRpcMessage } from '../../protocol/mcp/json-rpc.ts'
import { SSE_KEEP_ALIVE, SSE_KEEP_ALIVE_MS, sseEvent } from '../../protocol/mcp/sse.ts'

/**
 * Messages -> SSE without event ids, since nothing of the stateless revision is resumed; each is written when the reader has room for it. Ends with the last
 * message. A reader that goes away, or an aborted request, returns the iterator, which stops whatever makes the messages.
 */
export function streamMessages(messages: AsyncIterable<JsonRpcMessage>, { signal }: { signal: AbortSignal }): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream()
  const writer = writable.getWriter()
  const encoder = new TextEncoder()
  const iterator = messages[Symbol.asyncIterator]()
  const stop = () => void Promise.resolve(iterator.return?.()).catch(() => undefined)
  const write = (text: string) => writer.write(encoder.encode(text))
  const pump = async () => {
    await write(SSE_KEEP_ALIVE) // headers and a first byte go out at once
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      await write(sseEvent(JSON.stringify(next.value)))
    }
    await writer.close()
  }
  signal.addEventListener('abort', stop, { once: true })
  const keepAlive = setInterval(() => void write(SSE_KEEP_ALIVE).catch(stop), SSE_KEEP_ALIVE_MS)
  void pump()
    .catch((error: unknown) => {
      stop()
      return writer.abort(error).catch(() => undefined)
    })
    .finally(() => {
      clearInterval(keepAlive)
      signal.removeEventListener('abort', stop)
    })
  return readable
}
