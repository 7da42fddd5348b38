import { RecentMap } from '../../protocol/recent-map.ts'

/** Notifications of a hosted server's calls: at once, and then in a second. */
export const BURST = 2_000
export const PER_SECOND = 200

interface Allowance {
  left: number
  at: number
}

/** Allowances in this isolate, by hosted server id. */
const allowances = new RecentMap<Allowance>(2_000)

/**
 * Returns false if the calls of the hosted server have sent too many notifications. A session
 * stores each notification, so a flood would take the time of other servers.
 */
export function takeNotification(serverId: string, now: number): boolean {
  const known = allowances.get(serverId) ?? { left: BURST, at: now }
  const left = Math.min(BURST, known.left + (Math.max(0, now - known.at) * PER_SECOND) / 1000)
  allowances.set(serverId, { left: left >= 1 ? left - 1 : left, at: Math.max(now, known.at) })
  return left >= 1
}
