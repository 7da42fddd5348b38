import type { DeployStep, VersionBody } from '../../../../protocol/api.ts'
import type { PlacedFinding } from './places.ts'

/** State of a deploy, from the preparation to the resulting version. */
export interface DeployState {
  /**
   * `asking`: the sources have type errors, so the user decides if the version goes live.
   * `stopped`: the preparation ended without an upload. `refused`: the version has errors, so it
   * cannot be activated.
   */
  phase: 'idle' | 'preparing' | 'asking' | 'uploading' | 'stopped' | 'failed' | 'refused' | 'done'
  /** The preparation is finished and the upload has started. */
  prepared: boolean
  /** Activates the version if the probe finds no errors. */
  activate: boolean
  /** Number of type errors of the sources. Undefined if the types are not checked. */
  typeErrors: number | undefined
  /** Reason of a preparation that ended without an upload. */
  fault: string | undefined
  /** Steps reported by the platform. */
  steps: readonly DeployStep[]
  findings: readonly PlacedFinding[]
  version: VersionBody | undefined
  problem: unknown
}

export type DeployEvent =
  | { type: 'started'; activate: boolean }
  | { type: 'asked'; typeErrors: number }
  | { type: 'cancelled' }
  | { type: 'stopped'; fault: string | undefined }
  | { type: 'prepared'; activate: boolean; typeErrors: number | undefined }
  | { type: 'step'; step: DeployStep }
  | { type: 'finished'; version: VersionBody; findings: readonly PlacedFinding[] }
  | { type: 'failed'; problem: unknown }

export const IDLE: DeployState = {
  phase: 'idle',
  prepared: false,
  activate: true,
  typeErrors: undefined,
  fault: undefined,
  steps: [],
  findings: [],
  version: undefined,
  problem: undefined,
}

export function nextState(state: DeployState, event: DeployEvent): DeployState {
  switch (event.type) {
    case 'started':
      return { ...IDLE, phase: 'preparing', activate: event.activate }
    case 'asked':
      return { ...state, phase: 'asking', typeErrors: event.typeErrors }
    case 'cancelled':
      return IDLE
    case 'stopped':
      return { ...state, phase: 'stopped', fault: event.fault }
    case 'prepared':
      return { ...state, phase: 'uploading', prepared: true, activate: event.activate, typeErrors: event.typeErrors }
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
  return phase === 'preparing' || phase === 'asking' || phase === 'uploading'
}
