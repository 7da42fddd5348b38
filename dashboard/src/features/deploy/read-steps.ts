import type { DeployStep } from '../../../../protocol/api.ts'

/** The steps of a deploy, each as soon as its line has arrived. One that is cut off is left out: a deploy that was told whole ends in `done` or `failed`. */
export async function* readSteps(body: ReadableStream<Uint8Array>): AsyncGenerator<DeployStep> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const lines = (rest + decoder.decode(next.value, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) yield JSON.parse(line) as DeployStep
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
