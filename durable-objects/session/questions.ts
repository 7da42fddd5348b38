import type { InputRequired } from '../../protocol/mcp/input-required.ts'
import type { JsonRpcResponse } from '../../protocol/mcp/json-rpc.ts'
import { toLegacyInputRequest } from '../../protocol/mcp/revisions/to-legacy.ts'
import { newId } from '../../protocol/random.ts'
import type { AskingCall, CallLog, PendingCall } from './call-log.ts'
import type { SessionRecord } from './record.ts'
import type { SessionStreams } from './streams.ts'

/** Time for the user to respond to a question. */
const QUESTION_TIMEOUT_MS = 10 * 60_000

/** Response of the client. `refusal` is the client's error message. */
export type InputResponse = AskingCall | { call: PendingCall; refusal: string }

/** Questions of hosted servers to the session's client: elicitation, sampling and roots. */
export class SessionQuestions {
  readonly #log: CallLog
  readonly #record: SessionRecord
  readonly #streams: SessionStreams

  constructor({ log, record, streams }: { log: CallLog; record: SessionRecord; streams: SessionStreams }) {
    this.#log = log
    this.#record = record
    this.#streams = streams
  }

  /** Stores the questions, then sends the questions on the stream of the call. */
  ask(call: PendingCall, { inputRequests }: InputRequired): void {
    const session = this.#record.initialized
    if (!session) return
    const ids = this.#log.ask(call, Object.keys(inputRequests), Date.now() + QUESTION_TIMEOUT_MS)
    for (const [name, request] of Object.entries(inputRequests)) {
      const id = ids.get(name)
      if (id === undefined) continue
      const params = toLegacyInputRequest(request, session.revision, newId())
      this.#streams.send(call.stream, { jsonrpc: '2.0', id, method: request.method, params })
    }
  }

  /**
   * Stores the client's response. Returns undefined if there is no open question for the response.
   */
  receive(message: JsonRpcResponse): InputResponse | undefined {
    if ('result' in message) return this.#log.respond(message.id, message.result)
    const call = this.#log.findByQuestion(message.id)
    return call && { call, refusal: message.error.message }
  }

  /** Returns calls with overdue questions. */
  overdue(): PendingCall[] {
    return this.#log.overdue(Date.now())
  }
}
