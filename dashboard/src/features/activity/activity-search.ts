/** Query string of the activity page. */
export interface ActivitySearch {
  kind?: 'call' | 'line' | undefined
  problems?: true | undefined
  /** Correlation ID. */
  id?: string | undefined
}

export function parseActivitySearch({ kind, problems, id }: Record<string, unknown>): ActivitySearch {
  return {
    ...(kind === 'call' || kind === 'line' ? { kind } : {}),
    ...(problems === true ? { problems } : {}),
    // the router parses an ID of digits as a number
    ...(typeof id === 'string' || typeof id === 'number' ? { id: String(id).slice(0, 100) } : {}),
  }
}
