/** Thrown when a body exceeds its limit. Reading has stopped. */
export class BodyTooLarge extends Error {
  readonly maxBytes: number
  constructor(maxBytes: number) {
    super(`the body is larger than ${maxBytes} bytes`)
    this.maxBytes = maxBytes
  }
}

/**
 * Yields the chunks of a body and counts their bytes, because a Content-Length can be wrong. Throws
 * {@link BodyTooLarge}. A caller that stops early cancels the body, or leaves the rest readable
 * with `atStop: 'leave'`.
 */
export async function* boundedChunks(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  atStop: 'cancel' | 'leave' = 'cancel',
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  let read = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      read += value.byteLength
      if (read > maxBytes) throw new BodyTooLarge(maxBytes)
      yield value
    }
  } finally {
    if (atStop === 'leave') reader.releaseLock()
    else void reader.cancel().catch(() => undefined) // no effect if the body has ended
  }
}

/**
 * Returns a body as UTF-8 text. Keeps a byte order mark, which JSON does not allow. Throws {@link
 * BodyTooLarge}, or a TypeError for invalid UTF-8.
 */
export async function readBoundedText(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  atStop: 'cancel' | 'leave' = 'cancel',
): Promise<string> {
  if (!body) return ''
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let text = ''
  for await (const chunk of boundedChunks(body, maxBytes, atStop)) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}
