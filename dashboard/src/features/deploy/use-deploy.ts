import { useQueryClient } from '@tanstack/react-query'
import { useReducer } from 'react'
import type { UploadBody, VersionBody } from '../../../../protocol/api.ts'
import { serversKey } from '../servers/queries.ts'
import { IDLE, isBusy, nextState } from './deploy-state.ts'
import { deploy } from './deploy.ts'
import { placeFindings } from './places.ts'

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
  /** Returns undefined if there is nothing to upload. */
  prepare: () => Promise<PreparedUpload | undefined>
  onVersion?: (version: VersionBody) => void
}

/** Prepares and deploys an upload, and holds the state of the deploy. */
export function useDeploy(tenant: string) {
  const client = useQueryClient()
  const [state, dispatch] = useReducer(nextState, IDLE)

  const run = async ({ activate, prepare, onVersion }: DeployRequest): Promise<void> => {
    dispatch({ type: 'started', activate })
    try {
      const prepared = await prepare()
      if (!prepared) return dispatch({ type: 'stopped' })
      dispatch({ type: 'prepared' })
      const { server, upload, files = {}, map } = prepared
      const version = await deploy({ tenant, server }, { ...upload, activate }, (step) => dispatch({ type: 'step', step }))
      const findings = placeFindings(version.findings, {
        files,
        map,
        module: upload.manifest.source === 'code' ? upload.manifest.mainModule : '',
      })
      dispatch({ type: 'finished', version, findings })
      onVersion?.(version)
    } catch (problem) {
      dispatch({ type: 'failed', problem })
    } finally {
      await client.invalidateQueries({ queryKey: serversKey(tenant) })
    }
  }
  return { ...state, busy: isBusy(state), run }
}
