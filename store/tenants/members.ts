import { and, asc, count, eq, inArray, isNull, sql } from 'drizzle-orm'
import { auditStatement } from '../audit.ts'
import { guard, tryCommit } from '../guard.ts'
import type { Store } from '../index.ts'
import { users } from '../schema/people.ts'
import { invitations, members, type Role, ROLES } from '../schema/tenants.ts'

export interface Member {
  userId: string
  name: string
  email: string
  role: Role
  createdAt: Date
}

/** Returns undefined if the user is not a member. */
export async function findRole(store: Store, tenantId: string, userId: string): Promise<Role | undefined> {
  const [row] = await store
    .select({ role: members.role })
    .from(members)
    .where(and(eq(members.tenantId, tenantId), eq(members.userId, userId)))
  return row?.role
}

/**
 * Returns true if `role` has the rights of `needed`. ROLES is ordered, and a role has all rights of
 * the earlier roles.
 */
export function isAtLeast(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(needed)
}

export function lowerRole(one: Role, other: Role): Role {
  return isAtLeast(one, other) ? other : one
}

export async function findMembers(store: Store, tenantId: string): Promise<Member[]> {
  return store
    .select({ userId: users.id, name: users.name, email: users.email, role: members.role, createdAt: members.createdAt })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(eq(members.tenantId, tenantId))
    .orderBy(asc(members.createdAt), asc(users.id))
}

/**
 * Guards that the user is not the last owner, because a tenant must always have an owner. The guard
 * also holds if several owners leave at once.
 */
function anotherOwner(store: Store, tenantId: string, userId: string) {
  const owners = store
    .select({ n: count() })
    .from(members)
    .where(and(eq(members.tenantId, tenantId), eq(members.role, 'owner'), sql`${members.userId} <> ${userId}`))
  const isOwner = store
    .select({ one: sql`1` })
    .from(members)
    .where(and(eq(members.tenantId, tenantId), eq(members.userId, userId), eq(members.role, 'owner')))
  return guard(store, sql`${owners} > 0 OR NOT EXISTS ${isOwner}`)
}

/**
 * Guards that the member still has `role`, because the caller's permission check depended on the
 * role.
 */
function stillHas(store: Store, { tenantId, userId }: { tenantId: string; userId: string }, role: Role) {
  const now = store
    .select({ role: members.role })
    .from(members)
    .where(and(eq(members.tenantId, tenantId), eq(members.userId, userId)))
  return guard(store, sql`${now} = ${role}`)
}

function mayInvite(own: Role | undefined, role: Role): boolean {
  return isAtLeast(own, 'admin') && isAtLeast(own, role)
}

/** Guards that the inviter is still a member allowed to invite with `role`. */
export function stillMayInvite(store: Store, { tenantId, userId }: { tenantId: string; userId: string }, role: Role) {
  const able = ROLES.filter((own) => mayInvite(own, role))
  const inviter = store
    .select({ one: sql`1` })
    .from(members)
    .where(and(eq(members.tenantId, tenantId), eq(members.userId, userId), inArray(members.role, able)))
  return guard(store, sql`EXISTS ${inviter}`)
}

/**
 * Withdraws the member's open invitations that exceed the rights of the new role. Accepting such an
 * invitation would restore the lost role.
 */
function withdrawOwn(store: Store, { tenantId, userId }: { tenantId: string; userId: string }, role: Role | undefined) {
  const beyond = ROLES.filter((each) => !mayInvite(role, each))
  const theirs = and(eq(invitations.tenantId, tenantId), eq(invitations.invitedBy, userId), isNull(invitations.acceptedAt))
  return store.delete(invitations).where(and(theirs, inArray(invitations.role, beyond)))
}

/**
 * Returns false if the tenant would lose its last owner, or the member's role is no longer
 * `current`.
 */
export async function changeRole(
  store: Store,
  { tenantId, userId, current }: { tenantId: string; userId: string; current: Role },
  role: Role,
  actor: string,
): Promise<boolean> {
  return tryCommit(store, [
    stillHas(store, { tenantId, userId }, current),
    ...(role === 'owner' ? [] : [anotherOwner(store, tenantId, userId)]),
    store
      .update(members)
      .set({ role })
      .where(and(eq(members.tenantId, tenantId), eq(members.userId, userId))),
    withdrawOwn(store, { tenantId, userId }, role),
    auditStatement(store, { tenantId, actor, action: 'member.role-changed', detail: { userId, role } }),
  ])
}

/**
 * Returns false if the tenant would lose its last owner, or the member's role is no longer
 * `current`.
 */
export async function removeMember(
  store: Store,
  { tenantId, userId, current }: { tenantId: string; userId: string; current: Role },
  actor: string,
): Promise<boolean> {
  return tryCommit(store, [
    stillHas(store, { tenantId, userId }, current),
    anotherOwner(store, tenantId, userId),
    store.delete(members).where(and(eq(members.tenantId, tenantId), eq(members.userId, userId))),
    withdrawOwn(store, { tenantId, userId }, undefined),
    auditStatement(store, { tenantId, actor, action: 'member.removed', detail: { userId } }),
  ])
}
