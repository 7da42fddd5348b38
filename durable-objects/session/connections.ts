import type { Caller } from '../../hosting/sources/source.ts'
import { SSE_HEADERS, SSE_KEEP_ALIVE, SSE_KEEP_ALIVE_MS } from '../../protocol/mcp/sse.ts'

/** What a reader that does not read may leave waiting, in bytes, before one more event ends its connection; it resumes from the log. */
const MAX_UNREAD_BYTES = 1_000_000

/** One open SSE response. */
export interface Connection {
  response: Response
  /** The grant it was opened under. */
  grantId: string | undefined
  /** False where the reader is gone, or too slow and therefore cut off. */
  send(text: string): boolean
  close(): void
}

/** The longest a timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Whose a stream is. */
export interface StreamOwner {
  grantId: string | undefined
  /** Milliseconds since the epoch, undefined where no token is behind it: no stream outlives the token it was opened with. */
  expiresAt: number | undefined
}

/** A stream is its caller's. */
export function streamOwnerOf({ principal }: Pick<Caller, 'principal'>): StreamOwner {
  return principal.kind === 'granted' ? principal : { grantId: undefined, expiresAt: undefined }
}

interface ConnectionEvents {
  /** Called once, however it ends. */
  onClose(): void
  /** Called before it is closed because its token has expired: there may be a last thing to say. */
  onExpiry?(): void
}

/** A stream that is written as fast as its reader reads and never waits for it. */
export function openConnection({ grantId, expiresAt }: StreamOwner, { onClose, onExpiry }: ConnectionEvents): Connection {
  const encoder = new TextEncoder()
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let keepAlive: ReturnType<typeof setInterval> | null = null
  let expiry: ReturnType<typeof setTimeout> | null = null
  const end = () => {
    if (!controller) return
    clearInterval(keepAlive)
    clearTimeout(expiry)
    controller = undefined
    onClose()
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
    { highWaterMark: MAX_UNREAD_BYTES, size: (chunk) => chunk.byteLength },
  )
  keepAlive = setInterval(() => send(SSE_KEEP_ALIVE), SSE_KEEP_ALIVE_MS)
  if (expiresAt !== undefined) {
    const expire = () => {
      onExpiry?.()
      close()
    }
    expiry = setTimeout(expire, Math.min(MAX_TIMER_MS, Math.max(0, expiresAt - Date.now())))
  }
  return { response: new Response(body, { headers: SSE_HEADERS }), grantId, send, close }
}
