import type { McpError } from '../../protocol/mcp/errors.ts'
import type { JsonRpcId, JsonRpcResponse } from '../../protocol/mcp/json-rpc.ts'
import type { OAuthError } from '../../protocol/oauth/errors.ts'

/** A call that took so long is answered as a stream. */
const STREAM_AFTER_MS = 400

/**
 * The HTTP response of one POST, while it is still open what it will be: plain JSON when every call of it has ended before anything else was said and soon, a
 * stream otherwise, or a refusal with its own status.
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

  /** True where the response is kept here, to leave with the others of its POST. */
  collect(response: JsonRpcResponse): boolean {
    if (this.#isSettled || response.id === undefined) return false
    this.#waiting.delete(response.id)
    this.#collected.push(response)
    this.#complete()
    return true
  }

  /** A call that is cancelled has no response. */
  cancel(id: JsonRpcId): void {
    this.#waiting.delete(id)
    this.#complete()
  }

  /** Makes it a stream, which begins with what was taken so far. */
  openStream(): void {
    if (!this.#isSettled) this.#settle(this.#toStream(this.#collected))
  }

  /** True where nothing has been said yet, so that the refusal can be the whole response. */
  refuse(error: McpError | OAuthError): boolean {
    if (this.#isSettled || this.#batch) return false
    this.#settle(error.toResponse())
    return true
  }

  #complete(): void {
    if (this.#waiting.size > 0 || this.#isSettled) return
    const [only] = this.#collected
    if (only) this.#settle(Response.json(this.#batch ? this.#collected : only))
    else this.#settle(new Response(null, { status: 202 })) // all of them cancelled: there is nothing to say
  }

  #settle(response: Response): void {
    this.#isSettled = true
    this.#settled.resolve(response)
  }
}
