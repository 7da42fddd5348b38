import type { CallToolResult, GetPromptResult, Progress, ReadResourceResult } from '@modelcontextprotocol/client'
import type { LogLine } from '../connection/connection.ts'
import type { Failure } from '../connection/failure.ts'
import type { Revision } from '../connection/revisions.ts'

/** A request of the user to the hosted server. */
export type CallRequest =
  | { kind: 'tool'; name: string; args: Record<string, unknown> }
  | { kind: 'prompt'; name: string; args: Record<string, string> }
  | { kind: 'resource'; uri: string }

export type Outcome =
  | { kind: 'tool'; result: CallToolResult }
  | { kind: 'prompt'; result: GetPromptResult }
  | { kind: 'resource'; result: ReadResourceResult }

/** A call with progress and result. */
export interface Run {
  id: number
  request: CallRequest
  revision: Revision
  /** Undefined for the active version. */
  version: number | undefined
  startedAt: number
  endedAt: number | undefined
  /** Time in which the call waited for the user. Absent in calls saved by an older page. */
  waitedMs?: number
  progress: Progress | undefined
  logs: readonly LogLine[]
  outcome: Outcome | undefined
  failure: Failure | undefined
}

export const MAX_RUNS = 30
export const MAX_LOGS = 500
/** Maximum characters of saved calls. Older calls are dropped first. */
const MAX_SAVED = 500_000

/** Saves the calls of this tab, so a reload or the consent page loses no call. */
export function saveRuns(name: string, runs: readonly Run[]): void {
  const saved: string[] = []
  let size = 0
  for (const run of runs) {
    const text = JSON.stringify(run)
    size += text.length
    if (size > MAX_SAVED) break
    saved.push(text)
  }
  try {
    sessionStorage.setItem(name, `[${saved.join(',')}]`)
  } catch {
    // storage is full or disabled, so the calls last until the page closes
  }
}

export function loadRuns(name: string): Run[] {
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
    failure: { kind: 'failed', message: 'The page was closed before the result arrived. The call may have run.' },
  }
}

export function labelOf(request: CallRequest): string {
  return request.kind === 'resource' ? request.uri : request.name
}
