import { Link } from '@tanstack/react-router'
import { Rocket } from 'lucide-react'
import { type FormEvent, useEffect } from 'react'
import type { BundleMessage } from './bundler/bundle.ts'
import { useChanges } from '../../forms/changes.ts'
import { Badge } from '../../components/badge.tsx'
import { Button, buttonClass } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Checkbox, Field, TextInput } from '../../components/field.tsx'
import { type Step, Steps } from '../../components/steps.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import type { Place, PlacedFinding } from '../deploy/places.ts'
import { progressOf } from '../deploy/progress.ts'
import type { SourceDeploy } from './use-deploy.ts'

interface DeployPanelProps {
  tenant: string
  server: string
  deploy: SourceDeploy & { busy: boolean }
  onDeploy: (options: { note: string; activate: boolean }) => void
  onJump: (place: Place) => void
}

/** The button, the steps as they happen, and what was found, each at its place in the sources. */
export function DeployPanel({ tenant, server, deploy, onDeploy, onJump }: DeployPanelProps) {
  const { values, change } = useChanges('deploy', { note: '', activate: true })
  const { note, activate } = values
  const isTaken = deploy.version !== undefined
  // it is the note of that version, and would be wrong about the next
  useEffect(() => {
    if (isTaken) change({ note: '' })
  }, [isTaken])
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!deploy.busy) onDeploy({ note, activate })
  }
  return (
    <Card title="Deploy">
      <form id="deploy" onSubmit={submit} className="grid gap-4 sm:grid-cols-[1fr_auto] sm:items-end">
        <Field label="Note" optional hint="What is new, for the list of versions.">
          <TextInput value={note} onChange={(event) => change({ note: event.target.value })} maxLength={500} autoComplete="off" />
        </Field>
        <Button type="submit" icon={Rocket} busy={deploy.busy}>
          Deploy
        </Button>
        <Checkbox
          label="Activate it when the probe finds no error"
          hint="Otherwise it can be tried at an address of its own first."
          checked={activate}
          onChange={(checked) => change({ activate: checked })}
        />
      </form>
      {deploy.state !== 'idle' && (
        <div className="mt-6 grid gap-5 border-t border-line pt-5">
          <Steps label="Deploy" steps={stepsOf(deploy)} />
          {deploy.messages.length > 0 && <Messages messages={deploy.messages} onJump={onJump} />}
          {deploy.findings.length > 0 && <PlacedFindings findings={deploy.findings} onJump={onJump} />}
          {deploy.state === 'failed' && <ProblemNote problem={deploy.problem} />}
          <Outcome tenant={tenant} server={server} deploy={deploy} />
        </div>
      )}
    </Card>
  )
}

function stepsOf({ state, told, activate }: SourceDeploy): Step[] {
  const bundled = { bundling: 'running', 'not-bundled': 'failed', idle: 'waiting' } as const
  const first: Step = {
    name: 'Bundle',
    state: bundled[state as keyof typeof bundled] ?? 'done',
    detail: state === 'bundling' && 'The first time, the bundler is loaded',
  }
  const rest = progressOf(told, { failed: state === 'failed', activate }).map((step) =>
    first.state === 'done' ? step : { ...step, state: 'waiting' as const },
  )
  return [first, ...rest]
}

/** What became of it, once that is known, and the way there. */
export function Outcome({ tenant, server, deploy: { state, version } }: Pick<DeployPanelProps, 'tenant' | 'server' | 'deploy'>) {
  if (!version) return null
  const { number, active } = version
  return (
    <div role="status" className="flex flex-wrap items-center gap-3">
      <p className="min-w-0 flex-1 basis-60">
        {state === 'refused'
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

const RANK = { error: 0, warning: 1, info: 2 }
const TONES = { error: 'bad', warning: 'warn', info: 'plain' } as const
const WORDS = { error: 'Error', warning: 'Warning', info: 'Remark' }

function Messages({ messages, onJump }: { messages: readonly BundleMessage[]; onJump: (place: Place) => void }) {
  return (
    <ul aria-label="From the bundler" className="grid gap-3">
      {messages.map(({ severity, text, hint, place }) => (
        <li key={`${place?.file}:${place?.line}:${place?.column} ${text}`} className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
          <Badge tone={TONES[severity]}>{WORDS[severity]}</Badge>
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

export function PlacedFindings({ findings, onJump }: { findings: readonly PlacedFinding[]; onJump: (place: Place) => void }) {
  return (
    <ul aria-label="From the probe" className="grid gap-3">
      {findings
        .toSorted((a, b) => RANK[a.severity] - RANK[b.severity])
        .map(({ severity, rule, subject, message, place }) => (
          <li key={`${rule} ${subject} ${message}`} className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
            <Badge tone={TONES[severity]}>{WORDS[severity]}</Badge>
            <code className="text-sm font-semibold">
              <Untrusted text={subject} />
            </code>
            {place && <PlaceButton place={place} onJump={onJump} />}
            <span className="min-w-0 basis-full sm:basis-0 sm:grow">
              <Untrusted text={message} multiline />
            </span>
          </li>
        ))}
    </ul>
  )
}

function PlaceButton({ place, onJump }: { place: Place; onJump: (place: Place) => void }) {
  return (
    <button type="button" onClick={() => onJump(place)} className="link font-mono text-sm">
      {place.file}:{place.line}
    </button>
  )
}
