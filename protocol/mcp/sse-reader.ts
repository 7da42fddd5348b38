import { boundedChunks } from '../http/bounded-body.ts'

/**
 * The data of each event of a `text/event-stream` body, as soon as its blank line is there; comments, event names, ids and `retry` are not looked at.
 * Throws `BodyTooLarge` past `maxBytes` of the whole stream. Stopping early cancels the body.
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
