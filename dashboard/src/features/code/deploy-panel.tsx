import { Rocket } from 'lucide-react'
import { type FormEvent, useEffect } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Checkbox, Field, TextInput } from '../../components/field.tsx'
import { type Step, Steps } from '../../components/steps.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { useChanges } from '../../forms/changes.ts'
import { DeployOutcome } from '../deploy/deploy-outcome.tsx'
import { Findings, SeverityBadge } from '../deploy/findings.tsx'
import { PlaceButton } from '../deploy/place-button.tsx'
import type { Place } from '../deploy/places.ts'
import { preparationOf, progressOf } from '../deploy/progress.ts'
import type { BundleMessage } from './bundler/bundle.ts'
import type { DeployOptions, SourceDeploy } from './use-source-deploy.ts'

interface DeployPanelProps {
  tenant: string
  server: string
  deploy: SourceDeploy
  onDeploy: (options: DeployOptions) => void
  onJump: (place: Place) => void
}

/** Deploy form, progress, bundler messages and findings with links into the sources. */
export function DeployPanel({ tenant, server, deploy, onDeploy, onJump }: DeployPanelProps) {
  const { values, change } = useChanges('deploy', { note: '', activate: true })
  const { note, activate } = values
  const isDeployed = deploy.version !== undefined
  // the note describes this version only
  useEffect(() => {
    if (isDeployed) change({ note: '' })
  }, [isDeployed])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!deploy.busy) onDeploy({ note, activate })
  }
  return (
    <Card title="Deploy">
      <form id="deploy" onSubmit={submit} className="grid gap-4 sm:grid-cols-[1fr_auto] sm:items-end">
        <Field label="Note" optional hint="Describes the version in the list of versions.">
          <TextInput value={note} onChange={(event) => change({ note: event.target.value })} maxLength={500} autoComplete="off" />
        </Field>
        <Button type="submit" icon={Rocket} busy={deploy.busy}>
          Deploy
        </Button>
        <Checkbox
          label="Activate if the probe finds no errors"
          hint="Otherwise try the version at its own endpoint first."
          checked={activate}
          onChange={(checked) => change({ activate: checked })}
        />
      </form>
      {deploy.phase !== 'idle' && (
        <div className="mt-6 grid gap-5 border-t border-line pt-5">
          <Steps label="Deploy" steps={[bundleStep(deploy), ...progressOf(deploy)]} />
          {deploy.messages.length > 0 && <BundleMessages messages={deploy.messages} onJump={onJump} />}
          {deploy.findings.length > 0 && <Findings findings={deploy.findings} onJump={onJump} />}
          {deploy.phase === 'failed' && <ProblemNote problem={deploy.problem} />}
          <DeployOutcome tenant={tenant} server={server} deploy={deploy} />
        </div>
      )}
    </Card>
  )
}

function bundleStep(deploy: SourceDeploy): Step {
  return {
    name: 'Bundle',
    state: preparationOf(deploy),
    detail: deploy.phase === 'preparing' && 'The first deploy loads the bundler',
  }
}

function BundleMessages({ messages, onJump }: { messages: readonly BundleMessage[]; onJump: (place: Place) => void }) {
  return (
    <ul aria-label="Bundler messages" className="grid gap-3">
      {messages.map(({ severity, text, hint, place }) => (
        <li key={`${place?.file}:${place?.line}:${place?.column} ${text}`} className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
          <SeverityBadge severity={severity} />
          {place && <PlaceButton place={place} onJump={onJump} />}
          <span className="min-w-0 basis-full sm:basis-0 sm:grow">
            <Untrusted text={text} multiline />
            {hint && (
              <span className="block text-sm text-soft">
                <Untrusted text={hint} />
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}
