import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Loaded } from '../../../components/loaded.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { recentLinesQuery } from '../../activity/queries.ts'

const REFETCH_MS = 4_000
const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const TONES: Record<string, string> = { error: 'text-bad', warn: 'text-warn-ink' }

/** Newest console lines and exceptions of the server. Polls while it is mounted. */
export function LogsPanel({ tenant, server }: { tenant: string; server: string }) {
  const query = useQuery({ ...recentLinesQuery(tenant, server), refetchInterval: REFETCH_MS })
  return (
    <Loaded query={query}>
      {(lines) => (
        <div className="grid gap-3">
          {lines.length === 0 ? (
            <p className="text-soft">No log lines. Lines that the code writes with console.log appear here within seconds.</p>
          ) : (
            <ol aria-label="Log lines" className="grid gap-1 font-mono text-[0.8125rem]">
              {lines.map(({ id, at, level, message }) => (
                <li key={id} className="flex gap-3">
                  <time dateTime={new Date(at).toISOString()} className="shrink-0 text-soft tabular-nums">
                    {clock.format(at)}
                  </time>
                  <span className={`w-11 shrink-0 ${TONES[level] ?? 'text-soft'}`}>{level}</span>
                  <span className="min-w-0 flex-1">
                    <Untrusted text={message} multiline />
                  </span>
                </li>
              ))}
            </ol>
          )}
          <p className="text-sm">
            <Link to="/t/$tenant/s/$server/activity" params={{ tenant, server }} className="link">
              All activity
            </Link>
          </p>
        </div>
      )}
    </Loaded>
  )
}
