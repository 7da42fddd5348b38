import type { Page } from '../../protocol/api/fields.ts'
import {
  changeMember as changeSchema,
  createInvitation as createSchema,
  type InvitationBody,
  type MemberBody,
} from '../../protocol/api/tenants.ts'
import { notFound, Problem } from '../../protocol/problem.ts'
import { newId, randomToken, sha256 } from '../../protocol/random.ts'
import { findKeysOfMember } from '../../store/machines/access-keys.ts'
import { findMemberGrants } from '../../store/grants/grants.ts'
import {
  addInvitation,
  findInvitations,
  withdrawInvitation,
  type Invitation,
  MAX_OPEN_INVITATIONS,
} from '../../store/tenants/invitations.ts'
import { changeRole, findMembers, findRole, isAtLeast, removeMember, type Member } from '../../store/tenants/members.ts'
import type { Role } from '../../store/schema/tenants.ts'
import { closeGrantStreams } from '../revocation.ts'
import { created, deleted, ok } from './replies.ts'
import { fieldProblem, readJson } from './body.ts'
import { storeWithReply } from './idempotent.ts'
import type { Handler, TenantRequest } from '../request.ts'

const INVITATION_DAYS = 7

export const listMembers: Handler<TenantRequest> = async ({ store, tenant }) => {
  const found = await findMembers(store, tenant.id)
  return ok({ items: found.map(memberBody) } satisfies Page<MemberBody>)
}

export const changeMember: Handler<TenantRequest> = async (request) => {
  const { store, tenant, user, params } = request
  const userId = params['userId'] ?? ''
  const { role } = await readJson(request, changeSchema)
  const current = await findRole(store, tenant.id, userId)
  if (!current) throw notFound()
  mustReach(tenant.role, current)
  mustReach(tenant.role, role)
  if (!(await changeRole(store, { tenantId: tenant.id, userId, current }, role, user.id))) throw lastOwner()
  const member = (await findMembers(store, tenant.id)).find((found) => found.userId === userId)
  if (!member) throw notFound()
  return ok(memberBody(member))
}

/**
 * Removes a member. Members may remove themselves, but not with a personal API token; removing
 * others needs the role admin. Ends the member's access keys, their grants at members-only servers,
 * and all sign-ins and grants made through the tenant's identity providers.
 */
export const deleteMember: Handler<TenantRequest> = async (request) => {
  const { store, tenant, user, personalToken, params } = request
  const userId = params['userId'] ?? ''
  const current = await findRole(store, tenant.id, userId)
  if (!current) throw notFound()
  if (userId !== user.id || personalToken) {
    if (!isAtLeast(tenant.role, 'admin'))
      throw new Problem(403, 'Not allowed', `This requires the role admin in ${tenant.slug}; your role is ${tenant.role}.`)
    mustReach(tenant.role, current)
  }
  const member = { tenantId: tenant.id, userId }
  const ended = [...(await findKeysOfMember(store, member)), ...(await findMemberGrants(store, member))]
  if (!(await removeMember(store, { ...member, current }, user.id))) throw lastOwner()
  closeGrantStreams(request, ended)
  return deleted()
}

export const listInvitations: Handler<TenantRequest> = async ({ store, tenant }) => {
  const found = await findInvitations(store, tenant.id, new Date())
  return ok({ items: found.map(invitationBody) } satisfies Page<InvitationBody>)
}

/**
 * Creates an invitation. Only this reply contains the link, which the user passes on, because the
 * platform sends no mail.
 */
export const createInvitation: Handler<TenantRequest> = async (request) => {
  const { tenant, user, addresses } = request
  const { role, email } = await readJson(request, createSchema)
  if (!isAtLeast(tenant.role, role)) throw fieldProblem('/role', `is above your role, ${tenant.role}`)
  const token = randomToken(32)
  const now = new Date()
  const invitation = {
    id: newId(),
    tokenHash: await sha256(token),
    tenantId: tenant.id,
    role,
    email: email ?? null,
    invitedBy: user.id,
    acceptedAt: null,
    createdAt: now,
    expiresAt: new Date(now.getTime() + INVITATION_DAYS * 24 * 3600_000),
  }
  const url = `${addresses.origin}/auth/invitation/${token}`
  const reply = created({ ...invitationBody(invitation), url } satisfies InvitationBody)
  if (!(await addInvitation(await storeWithReply(request, reply), invitation, now)))
    throw new Problem(
      409,
      'Limit reached',
      `Either this tenant has ${MAX_OPEN_INVITATIONS} open invitations, which is the limit, or your role has just changed. Withdraw an invitation, then try again.`,
    )
  return reply
}

export const deleteInvitation: Handler<TenantRequest> = async ({ store, tenant, user, params }) => {
  const invitation = { tenantId: tenant.id, id: params['id'] ?? '' }
  if (!(await withdrawInvitation(store, invitation, user.id, new Date()))) throw notFound()
  return deleted()
}

/**
 * Throws 403 if `other` is above the user's own role, because a user must not change such a member
 * or grant such a role.
 */
function mustReach(own: Role, other: Role): void {
  if (!isAtLeast(own, other)) throw new Problem(403, 'Not allowed', `Your role is ${own}, which is below ${other}.`)
}

function lastOwner(): Problem {
  return new Problem(
    409,
    'Last owner',
    'Either the member is the last owner of the tenant, or the member has just changed. Make a different member owner first, or try again.',
  )
}

function memberBody({ userId, name, email, role, createdAt }: Member): MemberBody {
  return { userId, name, email, role, createdAt: createdAt.toISOString() }
}

function invitationBody({
  id,
  role,
  email,
  expiresAt,
  createdAt,
}: Pick<Invitation, 'id' | 'role' | 'email' | 'expiresAt' | 'createdAt'>): InvitationBody {
  return { id, role, email, expiresAt: expiresAt.toISOString(), createdAt: createdAt.toISOString() }
}
