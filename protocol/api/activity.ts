import { z } from 'zod'

/* Calls and log lines of a hosted server. */

export const activityBody = z.discriminatedUnion('kind', [
  z.object({
    id: z.int(),
    kind: z.literal('call'),
    at: z.number().describe('Start of the call, in milliseconds since the epoch.'),
    durationMs: z.number(),
    method: z.string(),
    name: z.string().optional(),
    revision: z.string(),
    clientId: z.string().optional(),
    clientName: z.string().optional().describe('Name from the grant, while the grant exists.'),
    userId: z.string().optional(),
    version: z.int(),
    outcome: z.enum(['ok', 'tool-error', 'error', 'cancelled']),
    code: z.int().optional(),
    correlationId: z.string().optional(),
  }),
  z.object({
    id: z.int(),
    kind: z.literal('line'),
    at: z.number(),
    level: z.enum(['debug', 'info', 'log', 'warn', 'error']),
    origin: z.enum(['console', 'exception', 'platform']),
    message: z.string(),
    correlationId: z.string().optional(),
  }),
])
export type ActivityBody = z.infer<typeof activityBody>

export const ACTIVITY_PERIOD = z.enum(['hour', 'day', 'fortnight'])
/** Number of stored calls in a period. Steps without calls have no bucket. */
export const activitySummaryBody = z.object({
  from: z.int().describe('Start and end of the period, in milliseconds since the epoch.'),
  to: z.int(),
  stepMs: z.int(),
  buckets: z.array(z.object({ at: z.int(), calls: z.int(), failed: z.int() })),
})
export type ActivitySummaryBody = z.infer<typeof activitySummaryBody>
