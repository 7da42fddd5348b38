import { deleteText, readText, writeText } from './long-text.ts'

/**
 * Questions to the client, in the session's SQLite. Ids come from a counter without restarts, so a
 * late input response cannot match a later question.
 */
export class QuestionLog {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  create(): void {
    this.#sql.exec(
      'CREATE TABLE IF NOT EXISTS asks (id INTEGER PRIMARY KEY AUTOINCREMENT, call TEXT NOT NULL, name TEXT NOT NULL, answered INTEGER NOT NULL DEFAULT 0)',
    )
  }

  /** Stores the questions of a round. Returns the ids by the hosted server's names. */
  add(callKey: string, names: string[]): Map<string, number> {
    this.delete(callKey) // questions of the previous round
    return new Map(
      names.map((name) => [
        name,
        this.#sql.exec<{ id: number }>('INSERT INTO asks (call, name) VALUES (?, ?) RETURNING id', callKey, name).one().id,
      ]),
    )
  }

  /**
   * Stores an input response. Returns the key of the call, or undefined if the id is not an open
   * question.
   */
  respond(questionId: unknown, inputResponse: Record<string, unknown>): string | undefined {
    if (!Number.isSafeInteger(questionId)) return undefined
    const [question] = this.#sql
      .exec<{ id: number; call: string }>(
        'UPDATE asks SET answered = 1 WHERE id = ? AND answered = 0 RETURNING id, call',
        questionId as number,
      )
      .toArray()
    if (question) writeText(this.#sql, textKey(question.id), JSON.stringify(inputResponse))
    return question?.call
  }

  /** Returns the input responses by name, or undefined while a question is open. */
  allResponses(callKey: string): Record<string, unknown> | undefined {
    const questions = this.#sql
      .exec<{ id: number; name: string; answered: number }>('SELECT id, name, answered FROM asks WHERE call = ?', callKey)
      .toArray()
    if (questions.some(({ answered }) => answered === 0)) return undefined
    return Object.fromEntries(questions.map(({ id, name }) => [name, JSON.parse(readText(this.#sql, textKey(id))) as unknown]))
  }

  /** Returns the key of the call with this open question. */
  findCall(questionId: unknown): string | undefined {
    if (!Number.isSafeInteger(questionId)) return undefined
    const [question] = this.#sql
      .exec<{ call: string }>('SELECT call FROM asks WHERE id = ? AND answered = 0', questionId as number)
      .toArray()
    return question?.call
  }

  delete(callKey: string): void {
    for (const { id } of this.#sql.exec<{ id: number }>('DELETE FROM asks WHERE call = ? RETURNING id', callKey).toArray())
      deleteText(this.#sql, textKey(id))
  }
}

function textKey(questionId: number): string {
  return `answer:${questionId}`
}
