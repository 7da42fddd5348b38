import { Check, Circle, LoaderCircle, X } from 'lucide-react'
import type { ReactNode } from 'react'

export interface Step {
  name: string
  state: 'waiting' | 'running' | 'done' | 'failed'
  detail?: ReactNode
}

const WORDS = { waiting: 'waiting', running: 'in progress', done: 'done', failed: 'failed' }

/** Live progress of a longer task. */
export function Steps({ label, steps }: { label: string; steps: readonly Step[] }) {
  return (
    <ol aria-label={label} aria-live="polite" className="grid gap-3 @2xl:grid-cols-3">
      {steps.map(({ name, state, detail }) => (
        <li key={name} className="flex items-start gap-3">
          <StepIcon state={state} />
          <div className="min-w-0 flex-1">
            <span className={state === 'waiting' ? 'text-soft' : 'font-semibold'}>
              {name}
              <span className="sr-only">: {WORDS[state]}</span>
            </span>
            {detail && <div className="text-sm text-soft [overflow-wrap:anywhere]">{detail}</div>}
          </div>
        </li>
      ))}
    </ol>
  )
}

function StepIcon({ state }: Pick<Step, 'state'>) {
  if (state === 'done') return <Check aria-hidden className="mt-0.5 size-5 shrink-0 text-good" />
  if (state === 'failed') return <X aria-hidden className="mt-0.5 size-5 shrink-0 text-bad" />
  if (state === 'running') return <LoaderCircle aria-hidden className="mt-0.5 size-5 shrink-0 animate-spin text-accent" />
  return <Circle aria-hidden className="mt-0.5 size-5 shrink-0 text-edge" />
}
