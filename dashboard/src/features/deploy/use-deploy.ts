import { useQueryClient } from '@tanstack/react-query'
import { useReducer, useRef } from 'react'
import type { DeployStep, UploadBody, VersionBody } from '../../../../protocol/api.ts'
import { serversKey } from '../servers/queries.ts'
import { type DeployEvent, type DeployState, IDLE, isBusy, nextState } from './deploy-state.ts'
import { deploy } from './deploy.ts'
import { type PlacedFinding, placeFindings } from './places.ts'

export interface PreparedUpload {
  /** Slug of the hosted server. */
  server: string
  upload: UploadBody
  /** Sources in which findings are located. */
  files?: Readonly<Record<string, string>>
  /** Source map of the main module, as JSON. */
  map?: string
}

interface DeployRequest {
  activate: boolean
  /** Returns the number of type errors, or undefined if the types cannot be checked. */
  countTypeErrors?: () => Promise<number | undefined>
  /** Returns undefined if there is nothing to upload, or the reason why not. */
  prepare: () => Promise<PreparedUpload | { fault: string } | undefined>
  onVersion?: (version: VersionBody) => void
  /** Receives the state at the end of the deploy, also after the page has gone. */
  onEnd?: (state: DeployState) => void
}

/** Uploads the prepared version after the user has answered. */
type Waiting = ((activate: boolean) => Promise<void>) | undefined

/**
 * Prepares and deploys an upload, and holds the state of the deploy. A deploy that would activate
 * sources with type errors waits for `answer`.
 */
export function useDeploy(tenant: string) {
  const client = useQueryClient()
  const [state, dispatch] = useReducer(nextState, IDLE)
  const waiting = useRef<Waiting>(undefined)

  const run = async (request: DeployRequest): Promise<void> => {
    dispatch({ type: 'started', activate: request.activate })
    const end = (event: DeployEvent, reached: Partial<DeployState> = {}) => {
      dispatch(event)
      request.onEnd?.(nextState({ ...IDLE, ...reached }, event))
    }
    try {
      const [prepared, typeErrors] = await Promise.all([request.prepare(), request.countTypeErrors?.()])
      if (!prepared || 'fault' in prepared) return end({ type: 'stopped', fault: prepared?.fault })
      const send = async (activate: boolean) => {
        dispatch({ type: 'prepared', activate, typeErrors })
        try {
          const { version, findings } = await deployPrepared(tenant, { prepared, activate }, (step) => dispatch({ type: 'step', step }))
          end({ type: 'finished', version, findings }, { typeErrors })
          request.onVersion?.(version)
        } catch (problem) {
          end({ type: 'failed', problem })
        } finally {
          await client.invalidateQueries({ queryKey: serversKey(tenant) })
        }
      }
      if (!typeErrors || !request.activate) return await send(request.activate)
      waiting.current = send
      dispatch({ type: 'asked', typeErrors })
    } catch (problem) {
      end({ type: 'failed', problem })
    }
  }

  /** Continues a deploy that waits. `cancel` ends the deploy without an upload. */
  const answer = async (choice: 'activate' | 'keep' | 'cancel'): Promise<void> => {
    const { current: send } = waiting
    waiting.current = undefined
    if (!send || choice === 'cancel') return dispatch({ type: 'cancelled' })
    return send(choice === 'activate')
  }
  return { ...state, busy: isBusy(state), run, answer }
}

/** Uploads a prepared version and locates its findings in the sources. */
async function deployPrepared(
  tenant: string,
  { prepared: { server, upload, files = {}, map }, activate }: { prepared: PreparedUpload; activate: boolean },
  onStep: (step: DeployStep) => void,
): Promise<{ version: VersionBody; findings: PlacedFinding[] }> {
  const version = await deploy({ tenant, server }, { ...upload, activate }, onStep)
  const module = upload.manifest.source === 'code' ? upload.manifest.mainModule : ''
  return { version, findings: placeFindings(version.findings, { files, map, module }) }
}
