import { Link } from '@tanstack/react-router'
import { buttonClass } from '../../components/button.tsx'
import type { DeployState } from './deploy-state.ts'

interface DeployOutcomeProps {
  tenant: string
  server: string
  deploy: Pick<DeployState, 'phase' | 'version'>
}

/** The version that a deploy became, with links to it. Empty before there is one. */
export function DeployOutcome({ tenant, server, deploy: { phase, version } }: DeployOutcomeProps) {
  if (!version) return null
  const { number, active } = version
  return (
    <div role="status" className="flex flex-wrap items-center gap-3">
      <p className="min-w-0 flex-1 basis-60">
        {phase === 'refused'
          ? `Version ${number} was refused: clients would stumble over what is called an error above. What they get has not changed.`
          : active
            ? `Version ${number} is active: clients get it from their next request.`
            : `Version ${number} is ready, and not active yet.`}
      </p>
      <Link
        to="/t/$tenant/s/$server/versions/$number"
        params={{ tenant, server, number: String(number) }}
        className={buttonClass('secondary')}
      >
        To version {number}
      </Link>
      {active && (
        <Link to="/t/$tenant/s/$server" params={{ tenant, server }} className={buttonClass('secondary')}>
          Connect a client
        </Link>
      )}
    </div>
  )
}
