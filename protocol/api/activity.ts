import { z } from 'zod'

/*
 * What happens at a hosted server.
 */

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
      /** As its grant has it, while that lives. */
      clientName?: string
      userId?: string
      version: number
      outcome: 'ok' | 'tool-error' | 'error' | 'cancelled'
      code?: number
      correlationId?: string
    }
  | { id: number; kind: 'line'; at: number; level: string; origin: string; message: string; correlationId?: string }

export const ACTIVITY_PERIOD = z.enum(['hour', 'day', 'fortnight'])
/** The kept calls of a period, counted. What is not among the buckets had none. */
export interface ActivitySummaryBody {
  /** Milliseconds since the epoch: where the period begins and ends. */
  from: number
  to: number
  stepMs: number
  buckets: { at: number; calls: number; failed: number }[]
}
