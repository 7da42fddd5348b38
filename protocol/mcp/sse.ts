import { boundedChunks } from '../http/bounded-body.ts'

export const SSE_MEDIA_TYPE = 'text/event-stream'

export const SSE_HEADERS = {
  'Content-Type': SSE_MEDIA_TYPE,
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
} as const

/**
 * Comment line sent at intervals. Proxies close idle streams, and a failed write shows that the
 * reader has gone.
 */
export const SSE_KEEP_ALIVE = ':\n\n'
export const SSE_KEEP_ALIVE_MS = 15_000
/**
 * Interval of a running call. The second write after a disconnect fails, so a call whose caller has
 * gone ends within twice the interval.
 */
export const SSE_CALL_KEEP_ALIVE_MS = 2_000

/** Returns an event as text. `data` must not contain line breaks; JSON text never does. */
export function sseEvent(data: string, { id, retryMs }: { id?: string; retryMs?: number | undefined } = {}): string {
  return `${id === undefined ? '' : `id: ${id}\n`}${retryMs === undefined ? '' : `retry: ${retryMs}\n`}data: ${data}\n\n`
}

/**
 * Yields the data of every event as soon as the event is complete. Ignores comments, event names,
 * ids and `retry`. Throws `BodyTooLarge` if the stream is longer than `maxBytes`. A caller that
 * stops early cancels the body.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  let data: string[] = []
  for await (const lines of readLines(body, maxBytes)) {
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield data.join('\n')
        data = []
      } else if (line.startsWith('data:')) {
        data.push(line.slice(line.startsWith('data: ') ? 6 : 5))
      }
    }
  }
}

/**
 * Yields the complete lines of each chunk. Searches each chunk once, because a line can arrive in
 * many small chunks.
 */
async function* readLines(body: ReadableStream<Uint8Array>, maxBytes: number): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  let parts: string[] = [] // of the line that is not complete
  let pending = '' // a CR at the end of a chunk, because LF may follow
  for await (const chunk of boundedChunks(body, maxBytes)) {
    const text = pending + decoder.decode(chunk, { stream: true })
    pending = text.endsWith('\r') ? '\r' : ''
    const lines = text.slice(0, text.length - pending.length).split(/\r\n|\n|\r/)
    const rest = lines.pop() ?? ''
    if (lines.length > 0) {
      lines[0] = parts.join('') + (lines[0] ?? '')
      parts = []
      yield lines
    }
    if (rest !== '') parts.push(rest)
  }
}
