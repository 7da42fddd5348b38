import type { InputRequired } from '../../protocol/mcp/input-required.ts'
import type { JsonRpcResponse } from '../../protocol/mcp/json-rpc.ts'
import { fromFlatForm } from '../../protocol/mcp/revisions/flat-form.ts'
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
    const questions = Object.entries(inputRequests).map(([name, request]) => ({
      name,
      method: request.method,
      ...toLegacyInputRequest(request, session.revision, newId()),
    }))
    const selections = Object.fromEntries(questions.map(({ name, selections: asked }) => [name, asked]))
    const ids = this.#log.ask({ ...call, selections }, Object.keys(inputRequests), Date.now() + QUESTION_TIMEOUT_MS)
    for (const { name, method, params } of questions) {
      const id = ids.get(name)
      if (id !== undefined) this.#streams.send(call.stream, { jsonrpc: '2.0', id, method, params })
    }
  }

  /**
   * Stores the client's response. Returns undefined if there is no open question for the response.
   */
  receive(message: JsonRpcResponse): InputResponse | undefined {
    if ('result' in message) return withSelections(this.#log.respond(message.id, message.result))
    const call = this.#log.findByQuestion(message.id)
    return call && { call, refusal: message.error.message }
  }

  /** Returns calls with overdue questions. */
  overdue(): PendingCall[] {
    return this.#log.overdue(Date.now())
  }
}

/** Translates the responses of the client back to the forms of the hosted server. */
function withSelections(asking: AskingCall | undefined): AskingCall | undefined {
  const selections = asking?.call.selections
  if (!asking?.inputResponses || !selections) return asking
  const responses = Object.entries(asking.inputResponses).map(([name, response]) => [name, fromFlatForm(response, selections[name] ?? {})])
  return { ...asking, inputResponses: Object.fromEntries(responses) }
}
