import { useRef, useState } from 'react'
import type { CreateServerBody, ServerBody, UploadBody } from '../../../../../protocol/api.ts'
import { apiPath, call } from '../../../api.ts'
import { useDeploy } from '../../deploy/use-deploy.ts'
import { useDeployToast } from '../../deploy/use-deploy-toast.ts'

interface Plan {
  server: CreateServerBody
  /** Loads the first version. Absent for a blank server. */
  load?: () => Promise<UploadBody>
}

/** Creates a hosted server and deploys the first version. A retry resumes at the failed step. */
export function useNewServer(tenant: string, onDone: (server: string) => void) {
  const deploy = useDeploy(tenant)
  const announce = useDeployToast(tenant)
  const [created, setCreated] = useState<string>()
  const lastPlan = useRef<Plan>(undefined)

  const start = (plan: Plan) => {
    lastPlan.current = plan
    const create = async () => {
      const { slug } = await call<ServerBody>('POST', `${apiPath.tenant(tenant)}/servers`, plan.server)
      setCreated(slug)
      return slug
    }
    let server = created
    void deploy.run({
      activate: true,
      prepare: async () => {
        const upload = await plan.load?.()
        server ??= await create()
        if (upload) return { server, upload }
        onDone(server)
        return undefined
      },
      // a refused version and a failure stay in view on this page
      onEnd: (state) => {
        if (state.phase === 'done' && server !== undefined) announce(server, state)
      },
      onVersion: (version) => {
        if (version.state !== 'refused' && server !== undefined) onDone(server)
      },
    })
  }
  return { deploy, created, start, retry: () => lastPlan.current && start(lastPlan.current) }
}

export type NewServer = ReturnType<typeof useNewServer>
