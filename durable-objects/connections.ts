import type { LoggedEvent } from './event-log.ts'

/** Comments that keep an idle stream from being taken for a dead one. */
const KEEP_ALIVE_MS = 15_000
/** What a reader that does not read may leave waiting, in bytes, before one more event ends its connection; it resumes from the log. */
const MAX_WAITING = 1_000_000

/** One open SSE response. */
export interface Connection {
  response: Response
  /** False where the reader is gone, or too slow and therefore cut off. */
  send(text: string): boolean
  close(): void
}

/** How an event looks on the wire. */
export function eventText({ id, data }: LoggedEvent, retryMs?: number): string {
  return `id: ${id}\n${retryMs === undefined ? '' : `retry: ${retryMs}\n`}data: ${data}\n\n`
}

export function messageText(data: string): string {
  return `data: ${data}\n\n`
}

/** A stream that is written as fast as its reader reads and never waits for it. `onGone` is called once, however it ends. */
export function openConnection(onGone: () => void): Connection {
  const encoder = new TextEncoder()
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let keepAlive: ReturnType<typeof setInterval> | null = null
  const end = () => {
    if (!controller) return
    clearInterval(keepAlive)
    controller = undefined
    onGone()
  }
  const close = () => {
    const open = controller
    end()
    try {
      open?.close()
    } catch {
      // the reader was gone first
    }
  }
  const send = (text: string): boolean => {
    if (!controller) return false
    if ((controller.desiredSize ?? 0) <= 0) {
      close()
      return false
    }
    controller.enqueue(encoder.encode(text))
    return true
  }
  const body = new ReadableStream<Uint8Array>(
    {
      start: (opened) => void (controller = opened),
      cancel: end,
    },
    { highWaterMark: MAX_WAITING, size: (chunk) => chunk.byteLength },
  )
  keepAlive = setInterval(() => send(':\n\n'), KEEP_ALIVE_MS)
  const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache, no-transform', 'X-Accel-Buffering': 'no' }
  return { response: new Response(body, { headers }), send, close }
}
