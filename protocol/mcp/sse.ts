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
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
  let rest = ''
  let data: string[] = []
  for await (const chunk of boundedChunks(body, maxBytes)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
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
