import type { DeployStep, VersionBody } from '../../../../protocol/api.ts'
import type { PlacedFinding } from './places.ts'

/** State of a deploy, from the preparation to the resulting version. */
export interface DeployState {
  /**
   * `stopped`: the preparation ended without an upload. `refused`: the version has errors, so it
   * cannot be activated.
   */
  phase: 'idle' | 'preparing' | 'uploading' | 'stopped' | 'failed' | 'refused' | 'done'
  /** The preparation is finished and the upload has started. */
  prepared: boolean
  /** Activates the version if the probe finds no errors. */
  activate: boolean
  /** Steps reported by the platform. */
  steps: readonly DeployStep[]
  findings: readonly PlacedFinding[]
  version: VersionBody | undefined
  problem: unknown
}

export type DeployEvent =
  | { type: 'started'; activate: boolean }
  | { type: 'stopped' }
  | { type: 'prepared' }
  | { type: 'step'; step: DeployStep }
  | { type: 'finished'; version: VersionBody; findings: readonly PlacedFinding[] }
  | { type: 'failed'; problem: unknown }

export const IDLE: DeployState = {
  phase: 'idle',
  prepared: false,
  activate: true,
  steps: [],
  findings: [],
  version: undefined,
  problem: undefined,
}

export function nextState(state: DeployState, event: DeployEvent): DeployState {
  switch (event.type) {
    case 'started':
      return { ...IDLE, phase: 'preparing', activate: event.activate }
    case 'stopped':
      return { ...state, phase: 'stopped' }
    case 'prepared':
      return { ...state, phase: 'uploading', prepared: true }
    case 'step':
      return { ...state, steps: [...state.steps, event.step] }
    case 'finished': {
      const { version, findings } = event
      return { ...state, phase: version.state === 'refused' ? 'refused' : 'done', version, findings }
    }
    case 'failed':
      return { ...state, phase: 'failed', problem: event.problem }
  }
}

export function isBusy({ phase }: DeployState): boolean {
  return phase === 'preparing' || phase === 'uploading'
}
