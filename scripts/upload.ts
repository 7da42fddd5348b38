import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { readSteps } from '../dashboard/src/features/deploy/read-steps.ts'
import type { ProblemBody } from '../protocol/api/fields.ts'
import type { DeployStep, VersionBody } from '../protocol/api/versions.ts'
import { CliError } from './cli.ts'

const MAX_ATTEMPTS = 4
const RETRY_DELAY_MS = 2000

interface Target {
  origin: string
  tenant: string
  server: string
  token: string
}

/**
 * Uploads a version with a personal API token, and reports each step to `onStep`. Retries after a
 * network error or a `Retry-After`. The Idempotency-Key prevents a second deployment. Throws a
 * CliError with the platform's message.
 */
export async function uploadVersion(
  { origin, tenant, server, token }: Target,
  body: unknown,
  onStep: (step: DeployStep) => void,
): Promise<VersionBody> {
  const url = `${origin}/api/tenants/${tenant}/servers/${server}/versions`
  const init = {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      Accept: 'application/x-ndjson',
      'Idempotency-Key': randomUUID(),
    },
    body: JSON.stringify(body),
    redirect: 'error',
  } as const
  let reason = ''
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (attempt > 0) await sleep(RETRY_DELAY_MS)
    try {
      const last = await send(url, init, onStep)
      if (last?.step === 'done') return last.version
      if (last) throw new CliError(problemText(last.problem))
      reason = 'the response was cut off'
    } catch (error) {
      if (error instanceof CliError) throw error
      reason = error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error)
    }
  }
  throw new CliError(`${origin} could not be reached: ${reason}.`)
}

/** Sends the request. Returns the last step, or undefined if the response was cut off. */
async function send(
  url: string,
  init: RequestInit,
  onStep: (step: DeployStep) => void,
): Promise<Extract<DeployStep, { step: 'done' | 'failed' }> | undefined> {
  const response = await fetch(url, init)
  if (!response.ok || !response.body) {
    const problem = await readProblem(response)
    // the platform is unavailable, or still runs the first attempt
    if (response.headers.has('Retry-After')) throw new Error(problem.detail)
    throw new CliError(problemText(problem))
  }
  for await (const step of readSteps(response.body)) {
    if (step.step === 'done' || step.step === 'failed') return step
    onStep(step)
  }
  return undefined
}

async function readProblem(response: Response): Promise<ProblemBody> {
  const text = await response.text()
  try {
    return JSON.parse(text) as ProblemBody
  } catch {
    return {
      title: '',
      status: response.status,
      detail: `The response has status ${response.status} and is not from Wharf. Check the origin.`,
    }
  }
}

function problemText({ status, detail, errors = [] }: ProblemBody): string {
  if (status === 404) return 'Hosted server not found, or WHARF_TOKEN belongs to another tenant. A token is valid in one tenant only.'
  return [detail, ...errors.slice(0, 20).map((each) => `  ${each.pointer}: ${each.detail}`)].join('\n')
}
