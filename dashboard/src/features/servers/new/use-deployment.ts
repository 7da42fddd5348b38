import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { CreateServerBody, DeployStep, ServerBody, UploadBody, VersionBody } from '../../../../../protocol/api.ts'
import { apiPath, call } from '../../../api.ts'
import { serversKey } from '../queries.ts'
import { deploy } from '../../deploy/deploy.ts'

interface Plan {
  server: CreateServerBody
  /** What to upload; absent for a server whose code is written next. */
  load?: () => Promise<UploadBody>
}

export interface Deployment {
  state: 'idle' | 'running' | 'failed' | 'refused' | 'done'
  /** The server is there, whatever became of its first version. */
  made: string | undefined
  told: readonly DeployStep[]
  version: VersionBody | undefined
  problem: unknown
  start: (plan: Plan) => void
  /** The same once more, from where it failed. */
  again: () => void
}

/** Makes a hosted server and its first version. What succeeded is not done twice when the rest is tried again. */
export function useDeployment(tenant: string, onDone: (server: string) => void): Deployment {
  const client = useQueryClient()
  const [state, setState] = useState<Deployment['state']>('idle')
  const [made, setMade] = useState<string>()
  const [told, setTold] = useState<readonly DeployStep[]>([])
  const [version, setVersion] = useState<VersionBody>()
  const [problem, setProblem] = useState<unknown>()
  const plan = useRef<Plan>(undefined)

  const run = async ({ server, load }: Plan): Promise<void> => {
    setState('running')
    setTold([])
    setProblem(undefined)
    try {
      const upload = await load?.()
      let { slug } = server
      if (made === undefined) {
        slug = (await call<ServerBody>('POST', `${apiPath.tenant(tenant)}/servers`, server)).slug
        setMade(slug)
      }
      if (!upload) return onDone(slug)
      const deployed = await deploy({ tenant, server: slug }, { ...upload, activate: true }, (step) =>
        setTold((before) => [...before, step]),
      )
      setVersion(deployed)
      setState(deployed.state === 'refused' ? 'refused' : 'done')
      if (deployed.state !== 'refused') onDone(slug)
    } catch (error) {
      setProblem(error)
      setState('failed')
    } finally {
      await client.invalidateQueries({ queryKey: serversKey(tenant) })
    }
  }
  const start = (next: Plan) => {
    plan.current = next
    void run(next)
  }
  return { state, made, told, version, problem, start, again: () => plan.current && start(plan.current) }
}
