import { eq } from 'drizzle-orm'
import type { Store } from '../index.ts'
import { users } from '../schema/people.ts'

export async function renameUser(store: Store, id: string, name: string, now: Date): Promise<void> {
  await store.update(users).set({ name, updatedAt: now }).where(eq(users.id, id))
}
