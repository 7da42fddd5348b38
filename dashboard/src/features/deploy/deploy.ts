import type { DeployStep, UploadBody, VersionBody } from '../../../../protocol/api.ts'
import { ApiProblem, apiPath, request, toProblem } from '../../api.ts'
import { readSteps } from './read-steps.ts'

/** Uploads a version, and tells of each step the platform takes with it. Throws an ApiProblem when it was not taken; a `refused` version was. */
export async function deploy(
  { tenant, server }: { tenant: string; server: string },
  upload: UploadBody,
  onStep: (step: DeployStep) => void,
): Promise<VersionBody> {
  const response = await request('POST', `${apiPath.server(tenant, server)}/versions`, upload, { accept: 'application/x-ndjson' })
  if (!response.body) throw cutOff()
  try {
    for await (const step of readSteps(response.body)) {
      if (step.step === 'failed') throw toProblem(step.problem)
      onStep(step)
      if (step.step === 'done') return step.version
    }
  } catch (error) {
    throw error instanceof ApiProblem ? error : cutOff()
  }
  throw cutOff()
}

function cutOff(): ApiProblem {
  return new ApiProblem(
    0,
    'The connection was cut',
    'The platform goes on with the upload; whether it became a version, its list of versions tells.',
  )
}
