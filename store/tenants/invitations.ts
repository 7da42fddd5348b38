import { and, count, desc, eq, gt, isNull, sql } from 'drizzle-orm'
import { auditStatement } from '../audit.ts'
import { guard, isThere, tryCommit } from '../guard.ts'
import type { Store } from '../index.ts'
import { stillMayInvite } from './members.ts'
import { invitations, members, tenants } from '../schema/tenants.ts'
import { MAX_TENANTS } from './tenants.ts'

export type Invitation = typeof invitations.$inferSelect

export const MAX_OPEN_INVITATIONS = 50
const MAX_MEMBERS = 200

const open = (now: Date) => and(isNull(invitations.acceptedAt), gt(invitations.expiresAt, now))

/**
 * Returns the invitation if it is not accepted, expired or withdrawn, and the tenant is not
 * suspended.
 */
export async function findOpenInvitation(store: Store, tokenHash: string, now: Date) {
  const [row] = await store
    .select({ invitation: invitations, tenant: { slug: tenants.slug, name: tenants.name } })
    .from(invitations)
    .innerJoin(tenants, eq(tenants.id, invitations.tenantId))
    .where(and(eq(invitations.tokenHash, tokenHash), open(now), isNull(tenants.suspendedAt)))
  return row
}

export async function findInvitations(store: Store, tenantId: string, now: Date): Promise<Invitation[]> {
  return store
    .select()
    .from(invitations)
    .where(and(eq(invitations.tenantId, tenantId), open(now)))
    .orderBy(desc(invitations.createdAt))
    .limit(MAX_OPEN_INVITATIONS)
}

/**
 * Returns false if the tenant has MAX_OPEN_INVITATIONS open invitations, or the inviter may no
 * longer invite.
 */
export async function addInvitation(store: Store, invitation: Invitation & { invitedBy: string }, now: Date): Promise<boolean> {
  const { tenantId, invitedBy, role } = invitation
  const others = store
    .select({ n: count() })
    .from(invitations)
    .where(and(eq(invitations.tenantId, tenantId), open(now)))
  return tryCommit(store, [
    guard(store, sql`${others} < ${MAX_OPEN_INVITATIONS}`),
    stillMayInvite(store, { tenantId, userId: invitedBy }, role),
    store.insert(invitations).values(invitation),
    auditStatement(store, { tenantId, actor: invitedBy, action: 'invitation.created', detail: { invitationId: invitation.id, role } }),
  ])
}

/** Returns false if no such invitation is open. An accepted invitation cannot be withdrawn. */
export async function withdrawInvitation(
  store: Store,
  { tenantId, id }: Pick<Invitation, 'tenantId' | 'id'>,
  actor: string,
  now: Date,
): Promise<boolean> {
  const at = and(eq(invitations.tenantId, tenantId), eq(invitations.id, id), open(now))
  return tryCommit(store, [
    isThere(store, invitations, at),
    store.delete(invitations).where(at),
    auditStatement(store, { tenantId, actor, action: 'invitation.withdrawn', detail: { invitationId: id } }),
  ])
}

/** Returns the newest open invitation to the address, if the tenant is not suspended. */
export async function findInvitationFor(store: Store, tenantId: string, email: string, now: Date): Promise<Invitation | undefined> {
  const [row] = await store
    .select({ invitation: invitations })
    .from(invitations)
    .innerJoin(tenants, and(eq(tenants.id, invitations.tenantId), isNull(tenants.suspendedAt)))
    .where(and(eq(invitations.tenantId, tenantId), eq(sql`lower(${invitations.email})`, email.toLowerCase()), open(now)))
    .orderBy(desc(invitations.createdAt))
    .limit(1)
  return row?.invitation
}

/**
 * Statements that make a user a member, for a batch. A guard fails the batch if the invitation is
 * not open or a membership limit is reached. An existing member keeps the current role.
 */
export function acceptanceStatements(
  store: Store,
  { id, tenantId, role, email }: Pick<Invitation, 'id' | 'tenantId' | 'role' | 'email'>,
  userId: string,
  now: Date,
) {
  const at = and(eq(invitations.tenantId, tenantId), eq(invitations.id, id), open(now))
  const mine = store.select({ n: count() }).from(members).where(eq(members.userId, userId))
  const seats = store.select({ n: count() }).from(members).where(eq(members.tenantId, tenantId))
  return [
    guard(store, sql`EXISTS (SELECT 1 FROM ${invitations} WHERE ${at}) AND ${seats} < ${MAX_MEMBERS} AND ${mine} < ${MAX_TENANTS}`),
    store.update(invitations).set({ acceptedAt: now }).where(at),
    store
      .insert(members)
      .values({ tenantId, userId, role, invitedAs: email?.toLowerCase() ?? null, createdAt: now })
      .onConflictDoUpdate({
        target: [members.tenantId, members.userId],
        set: { invitedAs: sql`coalesce(excluded.invited_as, ${members.invitedAs})` },
      }),
    auditStatement(store, { tenantId, actor: userId, action: 'member.joined', detail: { role, invitationId: id } }),
  ]
}

/** Returns true for exactly one caller per invitation. */
export async function acceptInvitation(
  store: Store,
  invitation: Pick<Invitation, 'id' | 'tenantId' | 'role' | 'email'>,
  userId: string,
  now: Date,
): Promise<boolean> {
  return tryCommit(store, acceptanceStatements(store, invitation, userId, now))
}
