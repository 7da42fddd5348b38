import { useState } from 'react'
import type { VersionBody } from '../../../../protocol/api.ts'
import { bundleUpload } from '../deploy/bundle-files.ts'
import type { DeployOptions } from '../deploy/deploy-panel.tsx'
import { useDeploy } from '../deploy/use-deploy.ts'
import { useDeployToast } from '../deploy/use-deploy-toast.ts'
import { findingCounts } from '../deploy/finding-counts.ts'
import type { BundleMessage } from './bundler/bundle.ts'
import { BUNDLED_MODULE } from './bundler/options.ts'
import type { Snapshot } from './project.ts'

interface Bundling {
  /** Files at the time of bundling. */
  files: Snapshot['files']
  messages: readonly BundleMessage[]
}

const NOT_BUNDLED: Bundling = { files: {}, messages: [] }

/** Deploys the sources of a project, bundled in the browser, or an existing bundle. */
export function useSourceDeploy(
  { tenant, server }: { tenant: string; server: string },
  countTypeErrors: () => Promise<number | undefined>,
  onVersion: (version: VersionBody, deployed: Snapshot) => void,
) {
  const deploy = useDeploy(tenant)
  const announce = useDeployToast(tenant)
  const [bundling, setBundling] = useState(NOT_BUNDLED)

  const deploySources = (project: Snapshot, { note, activate }: DeployOptions) =>
    deploy.run({
      activate,
      countTypeErrors,
      onEnd: (state) => announce(server, state),
      prepare: async () => {
        const { main, files } = project
        setBundling({ files, messages: [] })
        const { bundleInWorker } = await import('./bundler/bundler.ts')
        const bundled = await bundleInWorker({ main, files })
        setBundling({ files, messages: bundled.messages })
        if (!bundled.ok)
          return {
            fault: `The bundler found ${findingCounts(bundled.messages.filter(({ severity }) => severity === 'error')) ?? 'errors'}.`,
          }
        const upload = {
          ...bundleUpload({ [BUNDLED_MODULE]: bundled.code }, BUNDLED_MODULE, note),
          sources: { main, files: { ...files } },
        }
        return { server, upload, files, map: bundled.map }
      },
      onVersion: (version) => onVersion(version, project),
    })

  const deployBundle = (
    modules: Readonly<Record<string, string>>,
    { mainModule, note, activate }: DeployOptions & { mainModule: string },
  ) => {
    setBundling(NOT_BUNDLED)
    return deploy.run({
      activate,
      onEnd: (state) => announce(server, state),
      prepare: async () => ({ server, upload: bundleUpload(modules, mainModule, note) }),
    })
  }

  return { ...deploy, ...bundling, deploySources, deployBundle }
}
