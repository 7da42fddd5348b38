import { Link } from '@tanstack/react-router'
import { CircleCheck, CircleX, LoaderCircle, TriangleAlert } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { buttonClass } from '../../components/button.tsx'
import { type DeployState, isBusy } from './deploy-state.ts'
import { outcomeOf } from './outcome.ts'

/** Id of the result of a deploy on the page, to which a toast leads. */
export const OUTCOME_ID = 'deploy-outcome'

const TONES = {
  good: { icon: CircleCheck, className: 'border-good bg-good-ground', iconClassName: 'text-good' },
  warn: { icon: TriangleAlert, className: 'border-warn-ink bg-warn-ground', iconClassName: 'text-warn-ink' },
  bad: { icon: CircleX, className: 'border-bad bg-bad-ground', iconClassName: 'text-bad' },
  busy: { icon: LoaderCircle, className: 'border-line bg-ground', iconClassName: 'animate-spin text-accent' },
} as const

interface DeployOutcomeProps {
  tenant: string
  server: string
  deploy: DeployState
}

/**
 * Result of a deploy with links to the version, or the note that a deploy is running. Scrolls into
 * view when the deploy starts and ends. Empty while there is no deploy.
 */
export function DeployOutcome({ tenant, server, deploy }: DeployOutcomeProps) {
  const { version } = deploy
  const outcome = outcomeOf(deploy)
  const place = useRef<HTMLDivElement>(null)
  const shown = outcome?.title ?? (isBusy(deploy) ? 'Deploying' : undefined)
  useEffect(() => {
    if (shown !== undefined) place.current?.scrollIntoView({ block: 'nearest' })
  }, [shown])
  if (shown === undefined) return null
  const { icon: Icon, className, iconClassName } = TONES[outcome?.tone ?? 'busy']
  return (
    <div
      ref={place}
      id={OUTCOME_ID}
      role="status"
      tabIndex={-1}
      className={`flex scroll-mt-4 scroll-mb-28 flex-wrap items-center gap-3 rounded-xl border px-4 py-3 ${className}`}
    >
      <Icon aria-hidden className={`size-5 shrink-0 ${iconClassName}`} />
      <div className="min-w-0 flex-1 basis-60 [overflow-wrap:anywhere]">
        <p className="font-semibold">{outcome ? `${outcome.title}.` : 'Deploying …'}</p>
        {outcome?.text && <p>{outcome.text}</p>}
      </div>
      {outcome && version && (
        <Link
          to="/t/$tenant/s/$server/versions/$number"
          params={{ tenant, server, number: String(version.number) }}
          className={buttonClass('secondary')}
        >
          Open version {version.number}
        </Link>
      )}
      {outcome && version?.active && (
        <Link to="/t/$tenant/s/$server" params={{ tenant, server }} className={buttonClass('secondary')}>
          Connect a client
        </Link>
      )}
    </div>
  )
}
