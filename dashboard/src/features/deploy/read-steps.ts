import type { DeployStep } from '../../../../protocol/api.ts'

/**
 * Yields the steps of a deploy as their lines arrive. An incomplete last line is dropped, because a
 * complete response ends in `done` or `failed`.
 */
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
