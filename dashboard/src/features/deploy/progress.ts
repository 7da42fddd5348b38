import type { DeployStep } from '../../../../protocol/api.ts'
import type { Step } from '../../components/steps.tsx'

const STEPS: { name: string; done: DeployStep['step'] }[] = [
  { name: 'Upload', done: 'accepted' },
  { name: 'Store', done: 'stored' },
  { name: 'Probe', done: 'probed' },
  { name: 'Keep as a version', done: 'version' },
  { name: 'Activate', done: 'activated' },
]

interface Deploy {
  failed: boolean
  /** Whether it was asked to activate what it makes. */
  activate: boolean
}

/** What the platform has told of a deploy, as the steps to show: those behind it, the one under way (or the one it failed at), those to come. */
export function progressOf(told: readonly DeployStep[], { failed, activate }: Deploy): Step[] {
  const refused = told.some((step) => step.step === 'version' && step.state === 'refused')
  const isDone = (name: DeployStep['step']) => told.some(({ step }) => step === name)
  const current = STEPS.findIndex(({ done }) => !isDone(done))
  return STEPS.filter(({ done }) => done !== 'activated' || (activate && !refused)).map(({ name, done }, index) => {
    const state = isDone(done) ? 'done' : index > current ? 'waiting' : failed ? 'failed' : 'running'
    return { name, state: refused && done === 'version' ? 'failed' : state, detail: detailOf(done, told) }
  })
}

function detailOf(done: DeployStep['step'], told: readonly DeployStep[]): string | undefined {
  for (const step of told.toReversed()) {
    if (step.step === 'accepted' && done === 'accepted') return step.modules === 1 ? 'One module' : `${step.modules} modules`
    if (step.step === 'stored' && done === 'stored') return `${Math.ceil(step.bytes / 1024).toLocaleString('en')} KB`
    if (step.step === 'asking' && done === 'probed' && !told.some((each) => each.step === 'probed')) return `Asks for ${step.subject}`
    if (step.step === 'probed' && done === 'probed') return summaryOf(step.findings)
    if (step.step === 'version' && done === 'version')
      return step.state === 'refused' ? `Version ${step.number} was refused: see what was found` : `Version ${step.number}`
  }
  return undefined
}

function summaryOf(findings: readonly { severity: string }[]): string {
  const counted = (severity: string, word: string) => {
    const number = findings.filter((finding) => finding.severity === severity).length
    return number === 0 ? [] : [`${number} ${word}${number === 1 ? '' : 's'}`]
  }
  return [...counted('error', 'error'), ...counted('warning', 'warning'), ...counted('info', 'remark')].join(', ') || 'Nothing to remark'
}
