import { Rocket } from 'lucide-react'
import { type FormEvent, type ReactNode, useEffect } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Checkbox, Field, TextInput } from '../../components/field.tsx'
import { type Step, Steps } from '../../components/steps.tsx'
import { useChanges } from '../../forms/changes.ts'
import { DeployOutcome } from './deploy-outcome.tsx'
import type { DeployState } from './deploy-state.ts'
import { Findings } from './findings.tsx'
import type { Place } from './places.ts'
import { preparationOf, progressOf } from './progress.ts'

export interface DeployOptions {
  note: string
  activate: boolean
}

interface DeployPanelProps {
  tenant: string
  server: string
  deploy: DeployState & { busy: boolean }
  /** Step before the upload, such as bundling. */
  preparation?: Pick<Step, 'name' | 'detail'>
  onDeploy: (options: DeployOptions) => void
  /** The panel is part of a larger one, and the page header has the button. */
  isDocked?: boolean
  /** Opens a place in the sources. */
  onJump?: (place: Place) => void
  /** Messages of the preparation. */
  children?: ReactNode
}

/** Deploy form, result, progress, messages of the preparation, and findings. */
export function DeployPanel({ tenant, server, deploy, preparation, isDocked = false, onDeploy, onJump, children }: DeployPanelProps) {
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
  const form = (
    <form id="deploy" onSubmit={submit} className={`grid gap-4 ${isDocked ? '@2xl:grid-cols-2' : 'sm:grid-cols-[1fr_auto] sm:items-end'}`}>
      <Field label="Note" optional hint="Describes the version in the list of versions.">
        <TextInput value={note} onChange={(event) => change({ note: event.target.value })} maxLength={500} autoComplete="off" />
      </Field>
      {!isDocked && (
        <Button type="submit" kind="secondary" icon={Rocket} busy={deploy.busy}>
          Deploy
        </Button>
      )}
      <Checkbox
        label="Activate if the probe finds no errors"
        hint="Otherwise try the version at its own endpoint first."
        checked={activate}
        onChange={(checked) => change({ activate: checked })}
      />
    </form>
  )
  const result = deploy.phase !== 'idle' && (
    <div className={`grid gap-4 ${isDocked ? 'mb-4 border-b border-line pb-4' : 'mt-6 border-t border-line pt-5'}`}>
      <DeployOutcome tenant={tenant} server={server} deploy={deploy} />
      {deploy.phase === 'failed' && <ProblemNote problem={deploy.problem} />}
      <Steps label="Deploy" steps={[...(preparation ? [{ ...preparation, state: preparationOf(deploy) }] : []), ...progressOf(deploy)]} />
      {children}
      {deploy.findings.length > 0 && <Findings findings={deploy.findings} {...(onJump ? { onJump } : {})} />}
    </div>
  )
  return isDocked ? (
    <div className="@container">
      {result}
      {form}
    </div>
  ) : (
    <Card title="Deploy">
      {form}
      {result}
    </Card>
  )
}
