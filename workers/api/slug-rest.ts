import { MAX_REST_DAYS, type Rest } from '../../store/retired-slugs.ts'

/** Parses SLUG_REST_DAYS. The error is for the operator. */
function restDays({ SLUG_REST_DAYS: setting }: Pick<Env, 'SLUG_REST_DAYS'>): number {
  const days = Number(setting)
  if (!/^\d{1,2}$/.test(setting) || days > MAX_REST_DAYS)
    throw new Error(`SLUG_REST_DAYS must be a whole number from 0 to ${MAX_REST_DAYS}, but is "${setting}"`)
  return days
}

const DAY_MS = 24 * 3600_000

/** Returns the time since which deleted slugs rest, by the operator's setting. */
export function restOf(env: Pick<Env, 'SLUG_REST_DAYS'>): Rest {
  return { since: new Date(Date.now() - restDays(env) * DAY_MS) }
}

/** Returns the day on which a slug can be taken by anybody, as YYYY-MM-DD. */
export function endOfRest(env: Pick<Env, 'SLUG_REST_DAYS'>, retiredAt: Date): string {
  return new Date(retiredAt.getTime() + (restDays(env) + 1) * DAY_MS).toISOString().slice(0, 10)
}
