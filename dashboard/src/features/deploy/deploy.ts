import type { DeployStep, UploadBody, VersionBody } from '../../../../protocol/api.ts'
import { ApiProblem, apiPath, request, toProblem } from '../../api.ts'
import { readSteps } from './read-steps.ts'

/**
 * Uploads a version and reports each step. Throws an ApiProblem on failure; a `refused` version is
 * no failure.
 */
export async function deploy(
  { tenant, server }: { tenant: string; server: string },
  upload: UploadBody,
  onStep: (step: DeployStep) => void,
): Promise<VersionBody> {
  const response = await request('POST', `${apiPath.server(tenant, server)}/versions`, upload, { accept: 'application/x-ndjson' })
  if (!response.body) throw connectionLost()
  try {
    for await (const step of readSteps(response.body)) {
      if (step.step === 'failed') throw toProblem(step.problem)
      onStep(step)
      if (step.step === 'done') return step.version
    }
  } catch (error) {
    throw error instanceof ApiProblem ? error : connectionLost()
  }
  throw connectionLost()
}

function connectionLost(): ApiProblem {
  return new ApiProblem(0, 'Connection lost', 'The platform continues the deploy. See the list of versions for the result.')
}
