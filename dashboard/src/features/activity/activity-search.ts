/** What the activity page shows, as its address says it. */
export interface ActivitySearch {
  kind?: 'call' | 'line' | undefined
  problems?: true | undefined
  /** A correlation id. */
  id?: string | undefined
}

export function parseActivitySearch({ kind, problems, id }: Record<string, unknown>): ActivitySearch {
  return {
    ...(kind === 'call' || kind === 'line' ? { kind } : {}),
    ...(problems === true ? { problems } : {}),
    ...(typeof id === 'string' || typeof id === 'number' ? { id: String(id).slice(0, 100) } : {}), // one of digits alone is read as a number
  }
}
