/**
 * Kinds of failed D1 statements.
 * - `refused`: a guard, a unique key or a foreign key did not hold, because of an earlier request.
 * - `unavailable`: D1 could not run the statement now. A retry may succeed.
 * - `broken`: the statement itself is wrong (a missing column, a NOT NULL or CHECK violation).
 */
export type D1Failure = 'refused' | 'unavailable' | 'broken'

/** "malformed JSON" is the error of a guard that does not hold; see guard.ts. */
const REFUSED = /malformed JSON|(?:FOREIGN KEY|UNIQUE) constraint failed/
/** SQLite's codes for a wrong statement, and D1's own errors about parameters and columns. */
const BROKEN = /SQLITE_(?:ERROR|CONSTRAINT|MISMATCH|RANGE|TOOBIG|MISUSE|AUTH)|^D1_(?!ERROR\b)|^D1_ERROR: Wrong number of parameter/

/** Returns the kind of failure, or undefined if no error of the cause chain comes from D1. */
export function d1Failure(error: unknown): D1Failure | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { message } = at
    if (message.startsWith('D1_')) return REFUSED.test(message) ? 'refused' : BROKEN.test(message) ? 'broken' : 'unavailable'
  }
  return undefined
}
