import { z } from 'zod'

/* Calls and log lines of a hosted server. */

export type ActivityBody =
  | {
      id: number
      kind: 'call'
      at: number
      durationMs: number
      method: string
      name?: string
      revision: string
      clientId?: string
      /** Name from the grant, while the grant exists. */
      clientName?: string
      userId?: string
      version: number
      outcome: 'ok' | 'tool-error' | 'error' | 'cancelled'
      code?: number
      correlationId?: string
    }
  | { id: number; kind: 'line'; at: number; level: string; origin: string; message: string; correlationId?: string }

export const ACTIVITY_PERIOD = z.enum(['hour', 'day', 'fortnight'])
/** Number of stored calls in a period. Steps without calls have no bucket. */
export interface ActivitySummaryBody {
  /** Start and end of the period, in milliseconds since the epoch. */
  from: number
  to: number
  stepMs: number
  buckets: { at: number; calls: number; failed: number }[]
}
