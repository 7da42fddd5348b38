import { createHash } from 'node:crypto'
import { CliError } from '../cli.ts'

/** Names of a platform's resources. All start with one prefix, so an account can hold several. */
export interface ResourceNames {
  worker: string
  database: string
  namespace: string
  bucket: string
  /** Returns the id of a rate limit, because the account shares the counters of equal ids. */
  rateLimit: (localId: string) => string
}

export const DEFAULT_PREFIX = 'wharf'

/** Throws a CliError if the prefix cannot be part of every name. */
export function resourceNames(prefix: string): ResourceNames {
  // a bucket's name, the longest, has at most 63 characters; a workers.dev name has no underscore
  if (!/^[a-z][a-z0-9-]{0,46}[a-z0-9]$/.test(prefix))
    throw new CliError(
      `The prefix must be 2 to 48 lower-case letters, digits and hyphens, and start with a letter and end without a hyphen, not "${prefix}".`,
    )
  const block = prefix === DEFAULT_PREFIX ? 0 : (createHash('sha256').update(prefix).digest().readUInt32BE() % 100_000) + 1
  return {
    worker: prefix,
    database: prefix,
    namespace: `${prefix}-metadata`,
    bucket: `${prefix}-bundles`,
    rateLimit: (localId) => String(block * 10_000 + Number(localId)),
  }
}
