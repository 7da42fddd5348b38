import { WorkerEntrypoint } from 'cloudflare:workers'
import { recordLines, type LogLine } from './record.ts'
import { CALL_ID_HEADER } from '../sources/source.ts'

export interface TailProps {
  serverId: string
  tenantId: string
}

/**
 * Limits for the output of one call. The console of a hosted server has lower limits
 * (hosting/sources/code/console-module.ts), which code could get around.
 */
const MAX_CALL_CHARACTERS = 68 * 1024
const MAX_LINES = 510
const MAX_EXCEPTIONS = 100
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
  let room = MAX_CALL_CHARACTERS
  const add = (line: LogLine) => {
    room -= line.message.length
    if (room >= 0) lines.push(line)
  }
  // the rest is counted and not read, because a call can log without end
  for (const { timestamp, level, message } of event.logs.slice(0, MAX_LINES)) {
    if (room < 0) break
    add({
      at: timestamp,
      level: LEVELS.has(level) ? (level as LogLine['level']) : 'log',
      origin: 'console',
      message: print(message),
      ...named,
    })
  }
  for (const { timestamp, name, message, stack } of event.exceptions.slice(0, MAX_EXCEPTIONS)) {
    if (room < 0) break
    add({
      at: timestamp,
      level: 'error',
      origin: 'exception',
      message: stack?.includes(message) ? stack : [`${name}: ${message}`, stack ?? []].flat().join('\n'),
      ...named,
    })
  }
  const dropped = event.logs.length + event.exceptions.length - lines.length
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
