import { Untrusted } from '../../../components/untrusted.tsx'
import type { LogLine } from '../connection/connection.ts'

const time = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hour12: false,
})

const LOUD = new Set(['error', 'critical', 'alert', 'emergency'])

export function Log({ lines }: { lines: readonly LogLine[] }) {
  if (lines.length === 0) return <p className="text-soft">No log messages.</p>
  return (
    <ol
      aria-label="Log messages"
      className="max-h-96 divide-y divide-line overflow-y-auto rounded-lg border border-line font-mono text-sm"
      tabIndex={0}
    >
      {lines.map((line, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- lines are only ever added at the end
        <li key={index} className="flex flex-wrap gap-x-3 px-3 py-1.5">
          <span className="text-soft">{time.format(line.at)}</span>
          <span className={LOUD.has(line.level) ? 'text-bad' : line.level === 'warning' ? 'text-warn-ink' : ''}>{line.level}</span>
          {line.logger !== undefined && (
            <span className="text-soft">
              <Untrusted text={line.logger} />
            </span>
          )}
          <span className="min-w-0 flex-1 basis-48">
            <Untrusted text={typeof line.data === 'string' ? line.data : JSON.stringify(line.data)} multiline />
          </span>
        </li>
      ))}
    </ol>
  )
}
