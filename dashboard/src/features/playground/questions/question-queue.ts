import type {
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestParams,
  ElicitResult,
  ListRootsResult,
} from '@modelcontextprotocol/client'

/** A question of a hosted server during a call: an input request of any protocol version. */
export type Question = ElicitationQuestion | SamplingQuestion | RootsQuestion

interface PendingQuestion<Answer> {
  id: number
  answer: (answer: Answer) => void
  /** Fails the call with this reason, because the protocol has no negative response here. */
  refuse: (reason: string) => void
}
export interface ElicitationQuestion extends PendingQuestion<ElicitResult> {
  kind: 'elicitation'
  params: ElicitRequestParams
}
export interface SamplingQuestion extends PendingQuestion<CreateMessageResult> {
  kind: 'sampling'
  params: CreateMessageRequestParams
}
export interface RootsQuestion extends PendingQuestion<ListRootsResult> {
  kind: 'roots'
}

/** Error code of a rejected sampling request in the MCP specification. */
const REJECTED = -1

/** Questions waiting for the user, as a store for `useSyncExternalStore`. */
export class QuestionQueue {
  #pending: readonly Question[] = []
  readonly #listeners = new Set<() => void>()
  #nextId = 1
  /** Time with an open question so far, without the present one. */
  #waitedMs = 0
  #waitingSince: number | undefined

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  readonly read = (): readonly Question[] => this.#pending

  /** Returns the time with an open question so far, in milliseconds. */
  waitedMs(): number {
    return this.#waitedMs + (this.#waitingSince === undefined ? 0 : Date.now() - this.#waitingSince)
  }

  elicitation(params: ElicitRequestParams, signal: AbortSignal): Promise<ElicitResult> {
    return this.#ask(signal, (waiting) => ({ kind: 'elicitation', params, ...waiting }))
  }
  sampling(params: CreateMessageRequestParams, signal: AbortSignal): Promise<CreateMessageResult> {
    return this.#ask(signal, (waiting) => ({ kind: 'sampling', params, ...waiting }))
  }
  roots(signal: AbortSignal): Promise<ListRootsResult> {
    return this.#ask(signal, (waiting) => ({ kind: 'roots', ...waiting }))
  }

  /** Queues a question. Rejects if the user rejects the question, or if the call is cancelled. */
  #ask<Answer>(signal: AbortSignal, make: (waiting: PendingQuestion<Answer>) => Question): Promise<Answer> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        this.#set(this.#pending.filter((question) => question.id !== id))
        act()
      }
      signal.addEventListener('abort', () => settle(() => reject(new Error('the call was cancelled'))), { once: true })
      const question = make({
        id,
        answer: (answer) => settle(() => resolve(answer)),
        refuse: (reason) => settle(() => reject(Object.assign(new Error(reason), { code: REJECTED }))),
      })
      this.#set([...this.#pending, question])
    })
  }

  #set(waiting: readonly Question[]): void {
    this.#pending = waiting
    if (waiting.length > 0) this.#waitingSince ??= Date.now()
    else {
      this.#waitedMs = this.waitedMs()
      this.#waitingSince = undefined
    }
    for (const listener of this.#listeners) listener()
  }
}
