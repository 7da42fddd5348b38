import { and, eq } from 'drizzle-orm'
import type { Store } from './index.ts'
import { members, ROLES, type Role } from './schema.ts'

/** Undefined for who is no member. */
export async function findRole(store: Store, tenantId: string, userId: string): Promise<Role | undefined> {
  const [row] = await store
    .select({ role: members.role })
    .from(members)
    .where(and(eq(members.tenantId, tenantId), eq(members.userId, userId)))
  return row?.role
}

/** True where `role` may do what needs `needed`: each role may do all that the ones before it may. */
export function isAtLeast(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(needed)
}
