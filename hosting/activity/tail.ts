import { WorkerEntrypoint } from 'cloudflare:workers'
import { recordLines, type LogLine } from './record.ts'
import { CALL_ID_HEADER } from '../sources/source.ts'

export interface TailProps {
  serverId: string
  tenantId: string
}

/** Limit of console output for one call. */
const MAX_CALL_BYTES = 64 * 1024
const LEVELS: ReadonlySet<string> = new Set(['debug', 'info', 'log', 'warn', 'error'])

/** Receives console output and uncaught exceptions of a hosted server, and adds them to the log. */
export class Tail extends WorkerEntrypoint<Env, TailProps> {
  override tail(events: TraceItem[]): void {
    const { serverId, tenantId } = this.ctx.props
    for (const event of events) recordLines({ id: serverId, tenantId }, linesOf(event), this.env, this.ctx)
  }
}

function linesOf(event: TraceItem): LogLine[] {
  const correlationId = callId(event)
  const named = correlationId === undefined ? {} : { correlationId }
  const lines: LogLine[] = []
  let bytes = 0
  let dropped = 0
  const add = (line: LogLine) => {
    bytes += line.message.length
    if (bytes <= MAX_CALL_BYTES) lines.push(line)
    else dropped++
  }
  for (const { timestamp, level, message } of event.logs) {
    add({
      at: timestamp,
      level: LEVELS.has(level) ? (level as LogLine['level']) : 'log',
      origin: 'console',
      message: print(message),
      ...named,
    })
  }
  for (const { timestamp, name, message, stack } of event.exceptions) {
    add({
      at: timestamp,
      level: 'error',
      origin: 'exception',
      message: stack?.includes(message) ? stack : [`${name}: ${message}`, stack ?? []].flat().join('\n'),
      ...named,
    })
  }
  if (dropped > 0 || event.truncated) {
    const message = dropped > 0 ? `${dropped} more lines of this call were dropped` : 'more lines of this call were dropped'
    lines.push({ at: event.eventTimestamp ?? Date.now(), level: 'warn', origin: 'platform', message, ...named })
  }
  return lines
}

/** Formats the arguments of a console call. */
function print(message: unknown): string {
  if (!Array.isArray(message)) return String(message)
  return message.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' ')
}

function callId({ event }: TraceItem): string | undefined {
  return event && 'request' in event ? event.request.headers[CALL_ID_HEADER] : undefined
}
