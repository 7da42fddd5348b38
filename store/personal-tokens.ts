import { and, eq, gt } from 'drizzle-orm'
import type { Store } from './index.ts'
import { personalTokens, users, type Role } from './schema.ts'

/** By the token's hash, as long as it has not expired and its person is still there. What it may do is also bounded by their role at the time. */
export async function findPersonalToken(store: Store, tokenHash: string, now: Date) {
  const [row] = await store
    .select({
      tenantId: personalTokens.tenantId,
      role: personalTokens.role,
      user: { id: users.id, name: users.name, email: users.email, operator: users.operator },
    })
    .from(personalTokens)
    .innerJoin(users, eq(users.id, personalTokens.userId))
    .where(and(eq(personalTokens.tokenHash, tokenHash), gt(personalTokens.expiresAt, now)))
  return row satisfies { role: Role } | undefined
}
