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

const LOOK_EVERY = 2_500
/** What an agent does with a server, rather than to learn what it offers. */
const USES = new Set(['tools/call', 'prompts/get', 'resources/read'])

type Call = Extract<ActivityBody, { kind: 'call' }>

/**
 * Waits for the first app and the first call, and lights up as they come. For a server that has been called there is nothing to wait for, and nothing here.
 * Grants are for admins to see; to others an app has arrived when it has asked for something.
 */
export function Arrivals({ tenant, server }: { tenant: string; server: string }) {
  const maySeeGrants = useRole(tenant, 'admin')
  const calls = useQuery({
    ...recentCallsQuery(tenant, server),
    refetchInterval: ({ state }) => (findUse(state.data) ? false : LOOK_EVERY),
  })
  const { data: grant } = useQuery({
    ...latestGrantQuery(tenant, server),
    enabled: maySeeGrants,
    refetchInterval: ({ state }) => (state.data || findUse(calls.data) ? false : LOOK_EVERY),
  })
  const hasWaited = useRef(false)
  if (!calls.data) return null
  const use = findUse(calls.data)
  if (use && !hasWaited.current) return null
  hasWaited.current = true
  const contact = calls.data.at(-1)
  const app = grant?.clientName ?? contact?.clientName ?? contact?.clientId
  const arrived = grant?.createdAt ?? contact?.at
  return (
    <Card title={use ? 'It works' : 'Waiting for the first client'}>
      <ol aria-live="polite" className="grid gap-4 sm:grid-cols-2">
        <Light lit={arrived !== undefined} name="An app connects">
          {arrived === undefined ? (
            'Add the address to a client. It asks you to sign in, and what you let it do.'
          ) : (
            <>
              <Untrusted text={app ?? 'A client without a grant'} />{' '}
              <span className="text-soft">
                <RelativeTime at={arrived} />
              </span>
            </>
          )}
        </Light>
        <Light lit={use !== undefined} name="A call lands">
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
            'Ask your agent for something one of its tools does.'
          )}
        </Light>
      </ol>
    </Card>
  )
}

function findUse(calls: readonly Call[] | undefined): Call | undefined {
  return calls?.findLast(({ method }) => USES.has(method))
}

function Light({ lit, name, children }: { lit: boolean; name: string; children: ReactNode }) {
  return (
    <li
      className={`flex items-start gap-3 rounded-xl border p-4 transition-colors duration-500 ${lit ? 'border-good bg-good-ground' : 'border-line'}`}
    >
      <span aria-hidden className="relative mt-0.5 flex size-6 shrink-0 items-center justify-center">
        {lit ? (
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
          <span className="sr-only">{lit ? ': done' : ': waiting'}</span>
        </p>
        <p className="text-sm">{children}</p>
      </div>
    </li>
  )
}
