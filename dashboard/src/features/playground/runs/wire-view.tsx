import { Cable, ChevronRight } from 'lucide-react'
import { Badge } from '../../../components/badge.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import type { Exchange, WireEvent, WireMessage } from '../connection/wire-log.ts'
import { LongText } from './long-text.tsx'
import { summaryOf } from './exchange-summary.ts'

const time = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hour12: false,
})

/** HTTP exchanges, newest first. Each line expands to the full messages. */
export function WireView({ exchanges }: { exchanges: readonly Exchange[] }) {
  if (exchanges.length === 0) {
    return (
      <EmptyState icon={Cable} title="No messages">
        HTTP messages between this page and the server appear here. Tokens are redacted.
      </EmptyState>
    )
  }
  return (
    <ol aria-label="Wire messages" className="divide-y divide-line rounded-xl border border-line bg-sheet">
      {exchanges.toReversed().map((exchange) => (
        <li key={exchange.id}>
          <details className="group">
            <summary className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 hover:bg-ground">
              <ChevronRight aria-hidden className="size-4 shrink-0 transition-transform group-open:rotate-90" />
              <code className="font-semibold">{exchange.request.method}</code>
              <span className="min-w-0 flex-1 basis-40 font-mono text-sm">
                <Untrusted text={summaryOf(exchange)} lines={1} />
              </span>
              <Status exchange={exchange} />
              <span className="text-sm text-soft tabular-nums">
                {time.format(exchange.startedAt)}
                {exchange.endedAt !== undefined && ` · ${exchange.endedAt - exchange.startedAt} ms`}
              </span>
            </summary>
            <div className="grid grid-cols-1 gap-4 border-t border-line p-3">
              <Message title="Request" line={`${exchange.request.method} ${exchange.request.url}`} message={exchange.request} />
              {exchange.response && (
                <Message title="Response" line={String(exchange.response.status)} message={exchange.response} events={exchange.events} />
              )}
              {exchange.failure && <p className="text-bad">{exchange.failure}</p>}
            </div>
          </details>
        </li>
      ))}
    </ol>
  )
}

function Status({ exchange: { response, endedAt, failure } }: { exchange: Exchange }) {
  if (!response) return failure ? <Badge tone="bad">No response</Badge> : <Badge>Waiting</Badge>
  const tone = response.status < 300 ? 'good' : response.status < 400 ? 'plain' : 'bad'
  return (
    <>
      <Badge tone={tone}>{response.status}</Badge>
      {endedAt === undefined && <Badge tone="accent">Open</Badge>}
    </>
  )
}

interface MessageProps {
  title: string
  line: string
  message: WireMessage
  events?: readonly WireEvent[]
}

function Message({ title, line, message: { headers, body }, events = [] }: MessageProps) {
  return (
    <section className="grid grid-cols-1 min-w-0 gap-2">
      <h3 className="font-semibold">{title}</h3>
      <div className="font-mono text-sm [overflow-wrap:anywhere]">
        <p>
          <Untrusted text={line} />
        </p>
        <dl>
          {headers.map(([name, value]) => (
            <div key={name}>
              <dt className="inline text-soft">{name}: </dt>
              <dd className="inline">
                <Untrusted text={value} />
              </dd>
            </div>
          ))}
        </dl>
      </div>
      {body && <LongText text={prettyPrinted(body)} what={`the body of the ${title.toLowerCase()}`} mono />}
      {events.length > 0 && (
        <ol aria-label="Stream events" className="grid grid-cols-1 gap-2">
          {events.map((event, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- events are append-only
            <li key={index} className="grid grid-cols-1 gap-1">
              <span className="font-mono text-sm text-soft">
                {time.format(event.at)}
                {event.id !== undefined && ` id: ${event.id}`}
                {event.event !== undefined && ` event: ${event.event}`}
              </span>
              {event.data && <LongText text={prettyPrinted(event.data)} what={`event ${index + 1}`} mono />}
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

function prettyPrinted(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}
