import type { Run } from './runs.ts'

/** Returns the time of a call without the time in which the call waited for the user. */
export function durationText({ startedAt, endedAt, waitedMs = 0 }: Pick<Run, 'startedAt' | 'waitedMs'> & { endedAt: number }): string {
  const own = `${Math.max(0, endedAt - startedAt - waitedMs).toLocaleString('en')} ms`
  return waitedMs === 0 ? own : `${own}, without ${Math.max(1, Math.round(waitedMs / 1000))} s for your input`
}
