import type { JsonRpcMessage } from '../../protocol/mcp/json-rpc.ts'
import { SSE_KEEP_ALIVE, SSE_CALL_KEEP_ALIVE_MS, sseEvent } from '../../protocol/mcp/sse.ts'

/**
 * Writes messages as SSE without event ids, because streams of the stateless revision are not
 * resumed. Waits for the reader before each message. A reader that disconnects, or an aborted
 * request, returns the iterator, which stops the source.
 */
export function streamMessages(messages: AsyncIterable<JsonRpcMessage>, { signal }: { signal: AbortSignal }): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream()
  const writer = writable.getWriter()
  const encoder = new TextEncoder()
  const iterator = messages[Symbol.asyncIterator]()
  const stop = () => void Promise.resolve(iterator.return?.()).catch(() => undefined)
  const write = (text: string) => writer.write(encoder.encode(text))
  const pump = async () => {
    await write(SSE_KEEP_ALIVE) // sends the headers at once
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      await write(sseEvent(JSON.stringify(next.value)))
    }
    await writer.close()
  }
  signal.addEventListener('abort', stop, { once: true })
  const keepAlive = setInterval(() => void write(SSE_KEEP_ALIVE).catch(stop), SSE_CALL_KEEP_ALIVE_MS)
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
