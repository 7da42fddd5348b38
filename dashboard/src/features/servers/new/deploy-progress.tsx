import { Link } from '@tanstack/react-router'
import { Button, buttonClass } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { ProblemNote } from '../../../components/error-state.tsx'
import { Steps } from '../../../components/steps.tsx'
import { Findings } from '../../deploy/findings.tsx'
import { progressOf } from '../../deploy/progress.ts'
import type { Deployment } from './use-deployment.ts'

/** The third step: what the platform does with the upload, as it does it. Leads on by itself when all went well. */
export function DeployProgress({ tenant, deployment }: { tenant: string; deployment: Deployment }) {
  const { state, made, told, version, problem, again } = deployment
  const failed = state === 'failed'
  const first = { name: 'Make the server', state: made ? 'done' : 'running' } as const
  const rest = progressOf(told, { failed, activate: true }).map((step) => (made ? step : { ...step, state: 'waiting' as const }))
  return (
    <Card>
      <Steps label="Deploy" steps={[first, ...rest]} />
      {failed && (
        <div className="mt-5 grid gap-4">
          <ProblemNote problem={problem} />
          <div className="flex flex-wrap gap-2">
            <Button onClick={again}>Try again</Button>
            {made && <ToServer tenant={tenant} server={made} />}
          </div>
        </div>
      )}
      {state === 'refused' && version && made && (
        <div className="mt-5 grid gap-4">
          <p>
            The probe asked the server as a client would and found what clients would stumble over. The server is there, with no active
            version yet.
          </p>
          <Findings findings={version.findings} />
          <div>
            <ToServer tenant={tenant} server={made} />
          </div>
        </div>
      )}
    </Card>
  )
}

function ToServer({ tenant, server }: { tenant: string; server: string }) {
  return (
    <Link to="/t/$tenant/s/$server" params={{ tenant, server }} className={buttonClass('secondary')}>
      To the server
    </Link>
  )
}
