import type { ActivityBody } from '../../../../protocol/api.ts'

type Call = Extract<ActivityBody, { kind: 'call' }>

/** Returns the name of the called tool, or the method and the target. */
export function nameOf({ method, name }: Pick<Call, 'method' | 'name'>): string {
  if (name === undefined) return method
  return method === 'tools/call' ? name : `${method} ${name}`
}

export const OUTCOMES: Record<Call['outcome'], { word: string; tone: 'good' | 'bad' | 'warn' }> = {
  ok: { word: 'OK', tone: 'good' },
  'tool-error': { word: 'Tool error', tone: 'bad' },
  error: { word: 'Error', tone: 'bad' },
  cancelled: { word: 'Cancelled', tone: 'warn' },
}
