import type {
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestParams,
  ElicitResult,
  ListRootsResult,
} from '@modelcontextprotocol/client'

/**
 * What a hosted server asks its caller while it works on a call. In both eras alike: the client's
 * library hands it on as a request.
 */
export type Question = ElicitationQuestion | SamplingQuestion | RootsQuestion

interface Waiting<Answer> {
  id: number
  answer: (answer: Answer) => void
  /** The call fails with this reason, where the protocol has no answer that says no. */
  refuse: (reason: string) => void
}
export interface ElicitationQuestion extends Waiting<ElicitResult> {
  kind: 'elicitation'
  params: ElicitRequestParams
}
export interface SamplingQuestion extends Waiting<CreateMessageResult> {
  kind: 'sampling'
  params: CreateMessageRequestParams
}
export interface RootsQuestion extends Waiting<ListRootsResult> {
  kind: 'roots'
}

/** As the specification has a client refuse a sampling request. */
const REFUSED = -1

/** The questions that wait for the person, for `useSyncExternalStore`. */
export class Questions {
  #waiting: readonly Question[] = []
  readonly #listeners = new Set<() => void>()
  #nextId = 1

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  readonly read = (): readonly Question[] => this.#waiting

  elicitation(params: ElicitRequestParams, signal: AbortSignal): Promise<ElicitResult> {
    return this.#ask(signal, (waiting) => ({ kind: 'elicitation', params, ...waiting }))
  }
  sampling(params: CreateMessageRequestParams, signal: AbortSignal): Promise<CreateMessageResult> {
    return this.#ask(signal, (waiting) => ({ kind: 'sampling', params, ...waiting }))
  }
  roots(signal: AbortSignal): Promise<ListRootsResult> {
    return this.#ask(signal, (waiting) => ({ kind: 'roots', ...waiting }))
  }

  /**
   * Rejects when the person refuses, or when `signal` says that nobody waits for the answer any
   * more.
   */
  #ask<Answer>(signal: AbortSignal, make: (waiting: Waiting<Answer>) => Question): Promise<Answer> {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        this.#set(this.#waiting.filter((question) => question.id !== id))
        act()
      }
      signal.addEventListener('abort', () => settle(() => reject(new Error('the call was cancelled'))), { once: true })
      const question = make({
        id,
        answer: (answer) => settle(() => resolve(answer)),
        refuse: (reason) => settle(() => reject(Object.assign(new Error(reason), { code: REFUSED }))),
      })
      this.#set([...this.#waiting, question])
    })
  }

  #set(waiting: readonly Question[]): void {
    this.#waiting = waiting
    for (const listener of this.#listeners) listener()
  }
}
