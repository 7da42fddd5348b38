import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { DeployStep, UploadBody, VersionBody } from '../../../../protocol/api.ts'
import { serverKey, serversKey } from '../servers/queries.ts'
import type { BundleMessage } from './bundler/bundle.ts'
import { BUNDLED_MODULE } from './bundler/options.ts'
import { deploy } from '../deploy/deploy.ts'
import { placeFindings, type PlacedFinding } from '../deploy/places.ts'
import type { Snapshot } from './project.ts'

export interface DeployOptions {
  note: string
  activate: boolean
}

export interface SourceDeploy {
  state: 'idle' | 'bundling' | 'deploying' | 'not-bundled' | 'failed' | 'refused' | 'done'
  /** Whether it was asked to activate what it makes. */
  activate: boolean
  /** What was bundled, as it was then. */
  files: Snapshot['files']
  messages: readonly BundleMessage[]
  told: readonly DeployStep[]
  findings: readonly PlacedFinding[]
  version: VersionBody | undefined
  problem: unknown
}

const IDLE: SourceDeploy = {
  state: 'idle',
  activate: true,
  files: {},
  messages: [],
  told: [],
  findings: [],
  version: undefined,
  problem: undefined,
}

/** Bundles a project's sources here and has the platform take them as the next version; or what was bundled elsewhere, as it is. */
export function useDeploy({ tenant, server }: { tenant: string; server: string }, onTaken: (version: VersionBody, was: Snapshot) => void) {
  const client = useQueryClient()
  const [shown, setShown] = useState<SourceDeploy>(IDLE)
  const change = (next: Partial<SourceDeploy>) => setShown((before) => ({ ...before, ...next }))

  const attempt = async ({ activate }: DeployOptions, steps: () => Promise<void>): Promise<void> => {
    setShown({ ...IDLE, state: 'bundling', activate })
    try {
      await steps()
    } catch (problem) {
      change({ state: 'failed', problem })
    } finally {
      await client.invalidateQueries({ queryKey: serverKey(tenant, server) })
      void client.invalidateQueries({ queryKey: serversKey(tenant) })
    }
  }
  const send = async (upload: UploadBody, bundled: { files: Snapshot['files']; map?: string }): Promise<VersionBody> => {
    change({ state: 'deploying' })
    const version = await deploy({ tenant, server }, upload, (step) => setShown((before) => ({ ...before, told: [...before.told, step] })))
    const findings = placeFindings(version.findings, { ...bundled, module: upload.manifest.mainModule })
    change({ state: version.state === 'refused' ? 'refused' : 'done', version, findings })
    return version
  }

  const deploySources = (project: Snapshot, options: DeployOptions) =>
    attempt(options, async () => {
      const { note, activate } = options
      const { main, files } = project
      change({ files })
      const { bundleInWorker } = await import('./bundler/bundler.ts')
      const bundled = await bundleInWorker({ main, files })
      change({ messages: bundled.messages })
      if (!bundled.ok) return change({ state: 'not-bundled' })
      const upload = {
        manifest: { source: 'code' as const, mainModule: BUNDLED_MODULE, note },
        modules: { [BUNDLED_MODULE]: bundled.code },
        sources: { main, files: { ...files } },
        activate,
      }
      onTaken(await send(upload, { files, map: bundled.map }), project)
    })
  const deployBundle = (modules: Readonly<Record<string, string>>, options: DeployOptions & { mainModule: string }) =>
    attempt(options, async () => {
      const { mainModule, note, activate } = options
      await send({ manifest: { source: 'code', mainModule, note }, modules: { ...modules }, activate }, { files: {} })
    })
  return { ...shown, deploySources, deployBundle, busy: shown.state === 'bundling' || shown.state === 'deploying' }
}
