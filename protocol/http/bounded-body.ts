/** What a body may not exceed was exceeded; reading stopped there. */
export class BodyTooLarge extends Error {
  readonly maxBytes: number
  constructor(maxBytes: number) {
    super(`the body is larger than ${maxBytes} bytes`)
    this.maxBytes = maxBytes
  }
}

/**
 * The chunks of a body, counted as they come: a Content-Length is a claim, not a size. Throws {@link BodyTooLarge}; stopping early cancels the body, so that its
 * sender hears of it, or leaves the rest to be read.
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
    else void reader.cancel().catch(() => undefined) // an ended body takes this as nothing
  }
}

/** A whole body as UTF-8 text; a byte order mark stays part of it, and is no JSON. Throws {@link BodyTooLarge}, and a TypeError for what is not UTF-8. */
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
