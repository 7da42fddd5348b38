import type { McpError } from '../../protocol/mcp/errors.ts'
import type { JsonRpcId, JsonRpcResponse } from '../../protocol/mcp/json-rpc.ts'
import type { OAuthError } from '../../protocol/oauth/errors.ts'

/** Delay before the reply becomes an event stream. */
const STREAM_AFTER_MS = 400

/**
 * HTTP reply to a POST. Plain JSON if all calls end soon and send nothing before their results.
 * Otherwise an event stream, or an error with its own status.
 */
export class Reply {
  readonly #toStream: (collected: JsonRpcResponse[]) => Response
  readonly #batch: boolean
  readonly #waiting: Set<JsonRpcId>
  readonly #collected: JsonRpcResponse[] = []
  readonly #settled = Promise.withResolvers<Response>()
  #isSettled = false

  constructor(ids: JsonRpcId[], { batch, toStream }: { batch: boolean; toStream: (collected: JsonRpcResponse[]) => Response }) {
    this.#waiting = new Set(ids)
    this.#batch = batch
    this.#toStream = toStream
  }

  async response(): Promise<Response> {
    const timer = setTimeout(() => this.openStream(), STREAM_AFTER_MS)
    try {
      return await this.#settled.promise
    } finally {
      clearTimeout(timer)
    }
  }

  /** Returns true if the response is kept for the plain JSON reply. */
  collect(response: JsonRpcResponse): boolean {
    if (this.#isSettled || response.id === undefined) return false
    this.#waiting.delete(response.id)
    this.#collected.push(response)
    this.#complete()
    return true
  }

  /** Removes a cancelled call. The call gets no response. */
  cancel(id: JsonRpcId): void {
    this.#waiting.delete(id)
    this.#complete()
  }

  /** Turns the reply into an event stream. The stream begins with the collected responses. */
  openStream(): void {
    if (!this.#isSettled) this.#settle(this.#toStream(this.#collected))
  }

  /** Replies with the error of a call. Returns false for a batch, or if the reply has begun. */
  refuse(error: McpError | OAuthError): boolean {
    if (this.#isSettled || this.#batch) return false
    this.#settle(error.toResponse())
    return true
  }

  #complete(): void {
    if (this.#waiting.size > 0 || this.#isSettled) return
    const [only] = this.#collected
    if (only) this.#settle(Response.json(this.#batch ? this.#collected : only))
    else this.#settle(new Response(null, { status: 202 })) // every call was cancelled
  }

  #settle(response: Response): void {
    this.#isSettled = true
    this.#settled.resolve(response)
  }
}
