import { findingCounts } from './finding-counts.ts'
import { type DeployState, isBusy } from './deploy-state.ts'

/** Result of a deploy in words. */
export interface Outcome {
  /** `warn`: the version is deployed, but the user should look at the sources again. */
  tone: 'good' | 'warn' | 'bad'
  title: string
  text: string
  /** Words for a toast. */
  brief: string
}

/** Returns the result of a deploy. Undefined before the end of the deploy. */
export function outcomeOf(state: DeployState): Outcome | undefined {
  const { phase, version, findings, typeErrors, fault } = state
  if (phase === 'idle' || isBusy(state)) return undefined
  // a deploy whose connection is lost can still succeed, so the text promises nothing
  if (phase === 'failed') return { tone: 'bad', title: 'The deploy failed', text: '', brief: 'deploy failed' }
  const unchanged = 'Nothing has changed for clients.'
  if (!version)
    return { tone: 'bad', title: 'Nothing was deployed', text: [fault, unchanged].filter(Boolean).join(' '), brief: 'deploy stopped' }
  const { number, active } = version
  if (phase === 'refused') {
    const errors = findingCounts(findings.filter(({ severity }) => severity === 'error')) ?? 'its errors'
    return { tone: 'bad', title: `Version ${number} was refused because of ${errors}`, text: unchanged, brief: `version ${number} refused` }
  }
  const faults = [typeErrorCount(typeErrors), findingCounts(findings.filter(({ severity }) => severity === 'warning'))].filter(Boolean)
  const tone = faults.length > 0 ? 'warn' : 'good'
  const withFaults = faults.length > 0 ? ` with ${faults.join(' and ')}` : ''
  return active
    ? {
        tone,
        title: `Version ${number} is active${withFaults}`,
        text: 'Clients use it from their next request.',
        brief: `version ${number} live${withFaults}`,
      }
    : {
        tone,
        title: `Version ${number} is ready${withFaults}, but not active`,
        text: 'Clients still use the active version.',
        brief: `version ${number} deployed${withFaults}`,
      }
}

/** "1 type error". Undefined for zero or an unknown number. */
export function typeErrorCount(count: number | undefined): string | undefined {
  return count ? `${count} type ${count === 1 ? 'error' : 'errors'}` : undefined
}
