import { BatchLater } from '../batch-later.ts'

/** One call of a hosted server, as its tenant sees it in the list of recent calls. Never arguments or results. */
export interface CallRecord {
  /** Milliseconds since the epoch. */
  at: number
  durationMs: number
  method: string
  /** The tool's or prompt's name, the resource's URI. */
  name?: string
  /** The protocol revision its client speaks. */
  revision: string
  clientId?: string
  userId?: string
  /** The version's number. */
  version: number
  outcome: 'ok' | 'tool-error' | 'error' | 'cancelled'
  /** JSON-RPC error code. */
  code?: number
  /** What the client was told to quote; the log line under it has the detail. */
  correlationId?: string
}

/** One line of a hosted server's log: what its code wrote to the console, an exception it let through, or what the platform has to say to its developers. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  at: number
  level: 'debug' | 'info' | 'log' | 'warn' | 'error'
  origin: 'console' | 'exception' | 'platform'
  message: string
  correlationId?: string
}

/** What goes to ServerActivity at once. */
export interface ActivityBatch {
  calls: CallRecord[]
  lines: LogLine[]
}

/** Whose activity it is. */
interface Subject {
  id: string
  tenantId: string
}

type Lifetime = Pick<ExecutionContext, 'waitUntil'>

/** Between two flushes; what comes beyond it is counted and dropped. */
const MAX_PENDING = 500
const MAX_LINE = 8 * 1024

interface Pending extends ActivityBatch {
  dropped: number
}

const batches = new BatchLater<Pending>({
  gatherMs: 300,
  abandonedMs: 5_000,
  empty: () => ({ calls: [], lines: [], dropped: 0 }),
})

/** Keeps one call for the list of recent calls. Costs the caller nothing: it leaves in a batch after the response. */
export function recordCall(server: Subject, record: CallRecord, env: Pick<Env, 'SERVER_ACTIVITY'>, ctx: Lifetime): void {
  gather(server, env, ctx, (batch) => batch.calls.push(record))
}

/** Adds to the hosted server's log. Control characters become visible, long lines are cut. */
export function recordLines(server: Subject, lines: LogLine[], env: Pick<Env, 'SERVER_ACTIVITY'>, ctx: Lifetime): void {
  for (const line of lines) {
    gather(server, env, ctx, (batch) => batch.lines.push({ ...line, message: inert(line.message) }))
  }
}

function gather(server: Subject, env: Pick<Env, 'SERVER_ACTIVITY'>, ctx: Lifetime, add: (batch: Pending) => void): void {
  const batch = batches.gather(server.id, (gathered) => send(server.id, gathered, env), ctx)
  if (batch.calls.length + batch.lines.length < MAX_PENDING) add(batch)
  else batch.dropped++
}

async function send(serverId: string, { calls, lines, dropped }: Pending, env: Pick<Env, 'SERVER_ACTIVITY'>): Promise<void> {
  if (dropped > 0) {
    const message = `${dropped} records were dropped: more came at once than are kept`
    lines.push({ at: Date.now(), level: 'warn', origin: 'platform', message })
  }
  try {
    await env.SERVER_ACTIVITY.getByName(serverId).record({ calls, lines })
  } catch (error) {
    console.error(JSON.stringify({ event: 'activity-lost', serverId, records: calls.length + lines.length, error: String(error) }))
  }
}

/** No escape sequence, newline or direction mark of a tenant's forges a line in anyone's terminal or page. */
export function inert(text: string, maxLength = MAX_LINE): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}… (${text.length - maxLength} characters more)` : text
  return cut.replaceAll(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\n' || character === '\t' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
