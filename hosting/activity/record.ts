import { BatchLater } from '../batch-later.ts'

/** A call in the tenant's list of recent calls. Never has arguments or results. */
export interface CallRecord {
  /** Milliseconds since the epoch. */
  at: number
  durationMs: number
  method: string
  /** Name of the tool or prompt, or URI of the resource. */
  name?: string
  /** Protocol revision of the client. */
  revision: string
  clientId?: string
  userId?: string
  /** Number of the version. */
  version: number
  outcome: 'ok' | 'tool-error' | 'error' | 'cancelled'
  /** JSON-RPC error code. */
  code?: number
  /** Sent to the client with an error. The log line with the id has the detail. */
  correlationId?: string
}

/**
 * A line of a hosted server's log: console output, an uncaught exception, or a platform message.
 */
export interface LogLine {
  /** Milliseconds since the epoch. */
  at: number
  level: 'debug' | 'info' | 'log' | 'warn' | 'error'
  origin: 'console' | 'exception' | 'platform'
  message: string
  correlationId?: string
}

/** Records that are sent to ServerActivity together. */
export interface ActivityBatch {
  calls: CallRecord[]
  lines: LogLine[]
}

/** Hosted server of the records. */
interface Subject {
  id: string
  tenantId: string
}

type Lifetime = Pick<ExecutionContext, 'waitUntil'>

/**
 * Limit of calls, and of lines, between two flushes. Further records are counted and dropped. Lines
 * take no room of calls.
 */
const MAX_PENDING = { calls: 500, lines: 1_000 }
const MAX_LINE = 8 * 1024

interface Pending extends ActivityBatch {
  dropped: number
}

const batches = new BatchLater<Pending>({
  gatherMs: 300,
  abandonedMs: 5_000,
  empty: () => ({ calls: [], lines: [], dropped: 0 }),
})

/** Adds to the list of recent calls. The record is sent in a batch after the response. */
export function recordCall(server: Subject, record: CallRecord, env: Pick<Env, 'SERVER_ACTIVITY'>, ctx: Lifetime): void {
  gather(server, env, ctx, (batch) => {
    if (batch.calls.length < MAX_PENDING.calls) batch.calls.push(record)
    else batch.dropped++
  })
}

/** Adds to the hosted server's log. Escapes control characters and cuts long lines. */
export function recordLines(server: Subject, lines: LogLine[], env: Pick<Env, 'SERVER_ACTIVITY'>, ctx: Lifetime): void {
  if (lines.length === 0) return
  gather(server, env, ctx, (batch) => {
    const kept = lines.slice(0, MAX_PENDING.lines - batch.lines.length)
    for (const line of kept) batch.lines.push({ ...line, message: inert(line.message) })
    batch.dropped += lines.length - kept.length
  })
}

function gather(server: Subject, env: Pick<Env, 'SERVER_ACTIVITY'>, ctx: Lifetime, add: (batch: Pending) => void): void {
  add(batches.gather(server.id, (gathered) => send(server.id, gathered, env), ctx))
}

async function send(serverId: string, { calls, lines, dropped }: Pending, env: Pick<Env, 'SERVER_ACTIVITY'>): Promise<void> {
  if (dropped > 0) {
    const message = `${dropped} records were dropped, because there were more than ${MAX_PENDING.calls} calls or ${MAX_PENDING.lines} lines at once`
    lines.push({ at: Date.now(), level: 'warn', origin: 'platform', message })
  }
  try {
    await env.SERVER_ACTIVITY.getByName(serverId).record({ calls, lines })
  } catch (error) {
    console.error(JSON.stringify({ event: 'activity-lost', serverId, records: calls.length + lines.length, error: String(error) }))
  }
}

/**
 * Escapes control characters and direction marks, because a tenant's text must not forge a line in
 * a terminal or on a page.
 */
export function inert(text: string, maxLength = MAX_LINE): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}… (${text.length - maxLength} characters more)` : text
  return cut.replaceAll(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\n' || character === '\t' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
