/** Limits of the bytes read from a refused request, and of the time spent on reading. */
const MAX_DRAINED_BYTES = 16 * 1024 * 1024
const MAX_DRAIN_MS = 1000

/**
 * Reads the rest of a refused or redirected request, if Content-Length is within the limit. Clients
 * cut off while sending often report a broken connection in place of the response. Under `wrangler
 * dev` the limit is about 100 KB.
 */
export async function drainBody({ headers, body }: Pick<Request, 'headers' | 'body'>): Promise<void> {
  if (!body || body.locked) return
  const reader = body.getReader()
  const stop = () => void reader.cancel().catch(() => undefined)
  const length = Number(headers.get('Content-Length') ?? Infinity)
  if (length > MAX_DRAINED_BYTES) return stop()
  AbortSignal.timeout(MAX_DRAIN_MS).addEventListener('abort', stop)
  try {
    while (!(await reader.read()).done);
  } catch {
    // the client has disconnected
  }
}
