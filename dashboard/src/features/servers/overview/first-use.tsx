import { useQuery } from '@tanstack/react-query'
import { Check } from 'lucide-react'
import { type ReactNode, useRef } from 'react'
import type { ActivityBody } from '../../../../../protocol/api.ts'
import { Card } from '../../../components/card.tsx'
import { RelativeTime } from '../../../components/relative-time.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { latestGrantQuery } from '../../access/queries.ts'
import { nameOf } from '../../activity/call-names.ts'
import { recentCallsQuery } from '../../activity/queries.ts'
import { useRole } from '../../people/role.ts'

const REFETCH_MS = 2_500
/** Methods that use a server, as opposed to discovery. */
const USES = new Set(['tools/call', 'prompts/get', 'resources/read'])

type Call = Extract<ActivityBody, { kind: 'call' }>

/**
 * Shows when the first app connects and the first call arrives. Hidden for a server that was called
 * before. Only admins can read grants; for other roles an app has connected when it sends a
 * request.
 */
export function FirstUse({ tenant, server }: { tenant: string; server: string }) {
  const maySeeGrants = useRole(tenant, 'admin')
  const calls = useQuery({
    ...recentCallsQuery(tenant, server),
    refetchInterval: ({ state }) => (findUse(state.data) ? false : REFETCH_MS),
  })
  const { data: grant } = useQuery({
    ...latestGrantQuery(tenant, server),
    enabled: maySeeGrants,
    refetchInterval: ({ state }) => (state.data || findUse(calls.data) ? false : REFETCH_MS),
  })
  const wasWaiting = useRef(false)
  if (!calls.data) return null
  const use = findUse(calls.data)
  if (use && !wasWaiting.current) return null
  wasWaiting.current = true
  const contact = calls.data.at(-1)
  const app = grant?.clientName ?? contact?.clientName ?? contact?.clientId
  const arrived = grant?.createdAt ?? contact?.at
  return (
    <Card title={use ? 'The server works' : 'Waiting for the first client'}>
      <ol aria-live="polite" className="grid gap-4 sm:grid-cols-2">
        <Milestone reached={arrived !== undefined} name="App connected">
          {arrived === undefined ? (
            'Add the endpoint to a client, then sign in and allow access.'
          ) : (
            <>
              <Untrusted text={app ?? 'Anonymous client'} />{' '}
              <span className="text-soft">
                <RelativeTime at={arrived} />
              </span>
            </>
          )}
        </Milestone>
        <Milestone reached={use !== undefined} name="First call">
          {use ? (
            <>
              <code>
                <Untrusted text={nameOf(use)} />
              </code>{' '}
              <span className="text-soft">
                in {use.durationMs} ms, <RelativeTime at={use.at} />
              </span>
            </>
          ) : (
            'Ask your agent to do something with one of the tools.'
          )}
        </Milestone>
      </ol>
    </Card>
  )
}

function findUse(calls: readonly Call[] | undefined): Call | undefined {
  return calls?.findLast(({ method }) => USES.has(method))
}

function Milestone({ reached, name, children }: { reached: boolean; name: string; children: ReactNode }) {
  return (
    <li
      className={`flex items-start gap-3 rounded-xl border p-4 transition-colors duration-500 ${reached ? 'border-good bg-good-ground' : 'border-line'}`}
    >
      <span aria-hidden className="relative mt-0.5 flex size-6 shrink-0 items-center justify-center">
        {reached ? (
          <span className="flex size-6 items-center justify-center rounded-full bg-good text-sheet">
            <Check strokeWidth={3} className="size-4" />
          </span>
        ) : (
          <>
            <span className="absolute size-4 animate-ping rounded-full bg-accent opacity-30" />
            <span className="size-2.5 rounded-full bg-accent" />
          </>
        )}
      </span>
      <div className="min-w-0">
        <p className="font-semibold">
          {name}
          <span className="sr-only">{reached ? ': done' : ': waiting'}</span>
        </p>
        <p className="text-sm">{children}</p>
      </div>
    </li>
  )
}
