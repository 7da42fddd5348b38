import type { DeployStep } from '../../../../protocol/api.ts'
import { kilobytes } from '../../components/kilobytes.ts'
import type { Step } from '../../components/steps.tsx'
import type { DeployState } from './deploy-state.ts'
import { findingCounts } from './finding-counts.ts'

const STEPS: { name: string; done: DeployStep['step'] }[] = [
  { name: 'Upload', done: 'accepted' },
  { name: 'Store', done: 'stored' },
  { name: 'Probe', done: 'probed' },
  { name: 'Create version', done: 'version' },
  { name: 'Activate', done: 'activated' },
]

type Shown = Pick<DeployState, 'phase' | 'prepared' | 'activate' | 'steps'>

/** Returns the platform's steps of a deploy with their states. */
export function progressOf({ phase, prepared, activate, steps: reported }: Shown): Step[] {
  const refused = reported.some((step) => step.step === 'version' && step.state === 'refused')
  const isDone = (name: DeployStep['step']) => reported.some(({ step }) => step === name)
  const current = STEPS.findIndex(({ done }) => !isDone(done))
  return STEPS.filter(({ done }) => done !== 'activated' || (activate && !refused)).map(({ name, done }, index) => {
    const open = !prepared || index > current ? 'waiting' : phase === 'failed' ? 'failed' : 'running'
    const state = refused && done === 'version' ? 'failed' : isDone(done) ? 'done' : open
    return { name, state, detail: detailOf(done, reported) }
  })
}

/** Returns the state of the step before the upload, such as bundling. */
export function preparationOf({ phase, prepared }: Shown): Step['state'] {
  if (prepared || phase === 'asking') return 'done'
  if (phase === 'idle') return 'waiting'
  return phase === 'preparing' ? 'running' : 'failed'
}

function detailOf(done: DeployStep['step'], reported: readonly DeployStep[]): string | undefined {
  for (const step of reported.toReversed()) {
    if (step.step === 'accepted' && done === 'accepted') return modulesOf(step.modules)
    if (step.step === 'stored' && done === 'stored') return kilobytes(step.bytes)
    if (step.step === 'asking' && done === 'probed' && !reported.some((each) => each.step === 'probed')) return `Requesting ${step.subject}`
    if (step.step === 'probed' && done === 'probed') return findingCounts(step.findings) ?? 'No findings'
    if (step.step === 'version' && done === 'version')
      return step.state === 'refused' ? `Version ${step.number} was refused` : `Version ${step.number}`
  }
  return undefined
}

/** A static version has no modules. */
function modulesOf(count: number): string | undefined {
  if (count === 0) return undefined
  return count === 1 ? 'One module' : `${count} modules`
}
