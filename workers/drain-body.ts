/** As much as is taken in of a request that was refused before its end, and for how long. */
const MAX_DRAINED_BYTES = 16 * 1024 * 1024
const MAX_DRAIN_MS = 1000

/**
 * Takes in what nobody read of a request, where it says how much that can be. A sender that is cut off while it still sends often sees a broken connection instead
 * of its answer: under `wrangler dev` each that has more than some 100 KB left.
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
    // its sender is gone
  }
}
