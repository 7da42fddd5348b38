import type { Caller } from '../../hosting/sources/source.ts'
import { SSE_HEADERS, SSE_KEEP_ALIVE, SSE_KEEP_ALIVE_MS } from '../../protocol/mcp/sse.ts'

/** Limit of unread bytes. A slower reader is disconnected and can resume from the log. */
const MAX_UNREAD_BYTES = 1_000_000

export interface Connection {
  response: Response
  /** Grant of the stream's request. */
  grantId: string | undefined
  /** Returns false if the reader has disconnected or is too slow. */
  send(text: string): boolean
  close(): void
}

/** Longest delay of `setTimeout`. */
const MAX_TIMER_MS = 2 ** 31 - 1

export interface StreamOwner {
  grantId: string | undefined
  /**
   * Expiry of the token, in milliseconds since the epoch. The stream closes at this time. Undefined
   * if the caller has no token.
   */
  expiresAt: number | undefined
}

export function streamOwnerOf({ principal }: Pick<Caller, 'principal'>): StreamOwner {
  return principal.kind === 'granted' ? principal : { grantId: undefined, expiresAt: undefined }
}

interface ConnectionEvents {
  /** Called once, after the connection has closed. */
  onClose(): void
  /** Called before the connection closes at the expiry of the token. A last message can be sent. */
  onExpiry?(): void
}

/** Opens an SSE response. Writing never waits for the reader. */
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
      // the reader has closed the stream already
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
