import { Link } from '@tanstack/react-router'
import { buttonClass } from '../../components/button.tsx'
import type { DeployState } from './deploy-state.ts'

interface DeployOutcomeProps {
  tenant: string
  server: string
  deploy: Pick<DeployState, 'phase' | 'version'>
}

/** Result of a deploy with links to the version. Empty while there is no version. */
export function DeployOutcome({ tenant, server, deploy: { phase, version } }: DeployOutcomeProps) {
  if (!version) return null
  const { number, active } = version
  return (
    <div role="status" className="flex flex-wrap items-center gap-3">
      <p className="min-w-0 flex-1 basis-60">
        {phase === 'refused'
          ? `Version ${number} was refused because of the errors above. The active version has not changed.`
          : active
            ? `Version ${number} is active. Clients use it from their next request.`
            : `Version ${number} is ready, but not active.`}
      </p>
      <Link
        to="/t/$tenant/s/$server/versions/$number"
        params={{ tenant, server, number: String(number) }}
        className={buttonClass('secondary')}
      >
        Open version {number}
      </Link>
      {active && (
        <Link to="/t/$tenant/s/$server" params={{ tenant, server }} className={buttonClass('secondary')}>
          Connect a client
        </Link>
      )}
    </div>
  )
}
