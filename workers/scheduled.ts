import { reseal } from '../hosting/reseal.ts'
import { openStore } from '../store/index.ts'
import { deleteExpired } from '../store/expired.ts'

/**
 * Deletes expired rows, and re-seals values of older vault keys, every ten minutes (wrangler.toml).
 */
export async function scheduled(controller: Pick<ScheduledController, 'scheduledTime'>, env: Env): Promise<void> {
  const store = openStore(env)
  const deleted = await deleteExpired(store, new Date(controller.scheduledTime))
  console.log(JSON.stringify({ event: 'swept', deleted }))
  const { resealed, unreadable } = await reseal(env, store)
  if (resealed + unreadable > 0) console.log(JSON.stringify({ event: 'resealed', resealed, unreadable }))
}
