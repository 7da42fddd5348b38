import type { BatchItem } from 'drizzle-orm/batch'
import { endedGrants, type EndedGrant } from '../ended-grants.ts'
import { commit } from '../guard.ts'
import type { Store } from '../index.ts'
import type { ServerKey } from '../server-key.ts'
import type { TokenRealm } from './tokens.ts'

/**
 * The issuer and the hosted server of a request. Each row that the request reads or writes carries
 * both.
 */
export interface RecordOwner extends TokenRealm, ServerKey {}

type Statement = BatchItem<'sqlite'>

/**
 * Collects the guards and writes of one request and stores all of them in one batch, or none if a
 * guard fails.
 */
export class UnitOfWork {
  readonly store: Store
  readonly owner: RecordOwner
  readonly now: Date
  readonly #guards: Statement[] = []
  readonly #writes: Statement[] = []
  /** Writes that return the grants they ended. */
  readonly #endings = new Set<Statement>()

  constructor(store: Store, owner: RecordOwner, now: Date) {
    this.store = store
    this.owner = owner
    this.now = now
  }

  guard(...guards: Statement[]): void {
    this.#guards.push(...guards)
  }

  write(...writes: Statement[]): void {
    this.#writes.push(...writes)
  }

  /** Adds a write that returns the grants ended by the write. */
  end(ending: Statement): void {
    this.#endings.add(ending)
    this.#writes.push(ending)
  }

  /**
   * Runs the guards, then the writes. Returns the ended grants. Throws Conflict if a guard fails.
   */
  async commit(last: Statement[] = []): Promise<EndedGrant[]> {
    const statements = [...this.#guards, ...this.#writes, ...last]
    const results = await commit(this.store, statements)
    return results.flatMap((rows, index) => {
      const statement = statements[index]
      return statement && this.#endings.has(statement) ? endedGrants.parse(rows) : []
    })
  }
}
