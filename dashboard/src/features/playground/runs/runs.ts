import type { CallToolResult, GetPromptResult, Progress, ReadResourceResult } from '@modelcontextprotocol/client'
import type { LogLine } from '../connection/connection.ts'
import type { Failure } from '../connection/failure.ts'
import type { Revision } from '../connection/revisions.ts'

/** What is asked of the hosted server. */
export type Asked =
  | { kind: 'tool'; name: string; given: Record<string, unknown> }
  | { kind: 'prompt'; name: string; given: Record<string, string> }
  | { kind: 'resource'; uri: string }

export type Outcome =
  | { kind: 'tool'; result: CallToolResult }
  | { kind: 'prompt'; result: GetPromptResult }
  | { kind: 'resource'; result: ReadResourceResult }

/** One call made in the page. */
export interface Run {
  id: number
  asked: Asked
  revision: Revision
  /** Undefined for the version that was active. */
  version: number | undefined
  startedAt: number
  endedAt: number | undefined
  progress: Progress | undefined
  logs: readonly LogLine[]
  outcome: Outcome | undefined
  failure: Failure | undefined
}

export const MAX_RUNS = 30
export const MAX_LOGS = 500
/** Of what is kept over a reload, in characters. The newest are kept first. */
const MAX_KEPT = 500_000

/** The runs of a tab outlive a reload and the way through the consent page. */
export function keepRuns(name: string, runs: readonly Run[]): void {
  const kept: string[] = []
  let size = 0
  for (const run of runs) {
    const text = JSON.stringify(run)
    size += text.length
    if (size > MAX_KEPT) break
    kept.push(text)
  }
  try {
    sessionStorage.setItem(name, `[${kept.join(',')}]`)
  } catch {
    // storage is full or switched off: they last until the page is left
  }
}

export function keptRuns(name: string): Run[] {
  try {
    const runs = JSON.parse(sessionStorage.getItem(name) ?? '[]') as Run[]
    return runs.map((run) => (run.endedAt === undefined ? interrupted(run) : run))
  } catch {
    return []
  }
}

function interrupted(run: Run): Run {
  return {
    ...run,
    endedAt: run.startedAt,
    failure: { kind: 'failed', message: 'The page was left before the answer came. The call may have run.' },
  }
}

export function labelOf(asked: Asked): string {
  return asked.kind === 'resource' ? asked.uri : asked.name
}
