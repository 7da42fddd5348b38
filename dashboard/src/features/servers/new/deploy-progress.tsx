import { Link } from '@tanstack/react-router'
import { Button, buttonClass } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { ProblemNote } from '../../../components/error-state.tsx'
import { type Step, Steps } from '../../../components/steps.tsx'
import { Findings } from '../../deploy/findings.tsx'
import { preparationOf, progressOf } from '../../deploy/progress.ts'
import type { NewServer } from './use-new-server.ts'

/** Progress of the first deploy of a new server, with errors and findings. */
export function DeployProgress({ tenant, newServer: { deploy, created, retry } }: { tenant: string; newServer: NewServer }) {
  const createStep: Step = { name: 'Create server', state: created ? 'done' : preparationOf(deploy) }
  return (
    <Card>
      <Steps label="Deploy" steps={[createStep, ...progressOf(deploy)]} />
      {deploy.phase === 'failed' && (
        <div className="mt-5 grid gap-4">
          <ProblemNote problem={deploy.problem} />
          <div className="flex flex-wrap gap-2">
            <Button onClick={retry}>Retry</Button>
            {created && <ToServer tenant={tenant} server={created} />}
          </div>
        </div>
      )}
      {deploy.phase === 'refused' && created && (
        <div className="mt-5 grid gap-4">
          <p>The probe called the server like a client and found errors. The server exists, but has no active version.</p>
          <Findings findings={deploy.findings} />
          <div>
            <ToServer tenant={tenant} server={created} />
          </div>
        </div>
      )}
    </Card>
  )
}

function ToServer({ tenant, server }: { tenant: string; server: string }) {
  return (
    <Link to="/t/$tenant/s/$server" params={{ tenant, server }} className={buttonClass('secondary')}>
      Open server
    </Link>
  )
}
