import { openStore } from '../store/index.ts'
import { deleteExpired } from '../store/expired.ts'

/** Every ten minutes (wrangler.toml): room for what is still good. */
export async function scheduled(controller: Pick<ScheduledController, 'scheduledTime'>, env: Env): Promise<void> {
  const deleted = await deleteExpired(openStore(env), new Date(controller.scheduledTime))
  console.log(JSON.stringify({ event: 'swept', deleted }))
}
