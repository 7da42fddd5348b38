import { openStore } from '../store/index.ts'
import { deleteExpired } from '../store/expired.ts'

/** Deletes expired rows, every ten minutes (wrangler.toml). */
export async function scheduled(controller: Pick<ScheduledController, 'scheduledTime'>, env: Env): Promise<void> {
  const deleted = await deleteExpired(openStore(env), new Date(controller.scheduledTime))
  console.log(JSON.stringify({ event: 'swept', deleted }))
}
