import { ACTIVITY_PERIOD, type ActivityBody, type ActivitySummaryBody } from '../../protocol/api/activity.ts'
import type { Page } from '../../protocol/api/fields.ts'
import { findClientNames } from '../../store/clients/client-names.ts'
import { ok } from './replies.ts'
import { fieldProblem } from './body.ts'
import { badBefore, cutToPage, pageOf } from './paging.ts'
import type { Handler, TenantServerRequest } from '../request.ts'

/**
 * Lists recent calls and log lines, newest first. `kind`, `correlationId` and `problems=true`
 * filter the list.
 */
export const listActivity: Handler<TenantServerRequest> = async (request) => {
  const { store, server } = request
  const { limit, before } = pageOf(request)
  const { searchParams } = new URL(request.url)
  if (before !== undefined && !/^\d{1,15}$/.test(before)) throw badBefore()
  const kind = searchParams.get('kind')
  const correlationId = searchParams.get('correlationId')
  const found = await request.env.SERVER_ACTIVITY.getByName(server.id).recent({
    limit: limit + 1,
    problems: searchParams.get('problems') === 'true',
    ...(before === undefined ? {} : { before: Number(before) }),
    ...(kind === 'call' || kind === 'line' ? { kind } : {}),
    ...(correlationId === null ? {} : { correlationId: correlationId.slice(0, 100) }),
  })
  const { rows: entries, next } = cutToPage(found, limit, ({ id }) => String(id))
  const ids = entries.flatMap((entry) => (entry.kind === 'call' && entry.clientId !== undefined ? [entry.clientId] : []))
  const names = await findClientNames(store, server.key, [...new Set(ids)], new Date())
  const items = entries.map((entry): ActivityBody => {
    if (entry.kind === 'line') return entry
    const clientName = names.get(entry.clientId ?? '')
    return clientName ? { ...entry, clientName } : entry
  })
  return ok({ items, ...next } satisfies Page<ActivityBody>)
}

const MINUTE = 60_000
const PERIODS = {
  hour: { steps: 60, stepMs: MINUTE },
  day: { steps: 48, stepMs: 30 * MINUTE },
  fortnight: { steps: 56, stepMs: 360 * MINUTE },
}

/** Counts the calls of `?period=` in steps, for a chart. */
export const summarizeActivity: Handler<TenantServerRequest> = async (request) => {
  const asked = ACTIVITY_PERIOD.safeParse(new URL(request.url).searchParams.get('period') ?? 'day')
  if (!asked.success) throw fieldProblem('/period', `must be ${ACTIVITY_PERIOD.options.join(', ')}`)
  const { steps, stepMs } = PERIODS[asked.data]
  const to = Math.ceil((Date.now() + 1) / stepMs) * stepMs // the last step is still running
  const from = to - steps * stepMs
  const buckets = await request.env.SERVER_ACTIVITY.getByName(request.server.id).summarize({ from, stepMs })
  return ok({ from, to, stepMs, buckets: [...buckets] } satisfies ActivitySummaryBody)
}
