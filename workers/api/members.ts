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
import { addInvitation, findInvitations, withdrawInvitation, type Invitation } from '../../store/tenants/invitations.ts'
import { changeRole, findMembers, findRole, isAtLeast, removeMember as remove, type Member } from '../../store/tenants/members.ts'
import type { Role } from '../../store/schema/tenants.ts'
import { closeGrantStreams } from '../revocation.ts'
import { created, deleted, ok } from './answers.ts'
import { fieldProblem, readJson } from './body.ts'
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
 * Anyone may leave, though not by a personal API token; who removes another needs to be an admin. Their access keys, and what they let clients do at servers
 * for members only, stop at once, and what the tenant's identity providers said of them everywhere.
 */
export const removeMember: Handler<TenantRequest> = async (request) => {
  const { store, tenant, user, personalToken, params } = request
  const userId = params['userId'] ?? ''
  const current = await findRole(store, tenant.id, userId)
  if (!current) throw notFound()
  if (userId !== user.id || personalToken) {
    if (!isAtLeast(tenant.role, 'admin'))
      throw new Problem(403, 'Not allowed', `This needs the role admin in ${tenant.slug}; yours here is ${tenant.role}.`)
    mustReach(tenant.role, current)
  }
  const member = { tenantId: tenant.id, userId }
  const ended = [...(await findKeysOfMember(store, member)), ...(await findMemberGrants(store, member))]
  if (!(await remove(store, { ...member, current }, user.id))) throw lastOwner()
  closeGrantStreams(request, ended)
  return deleted()
}

export const listInvitations: Handler<TenantRequest> = async ({ store, tenant }) => {
  const found = await findInvitations(store, tenant.id, new Date())
  return ok({ items: found.map(invitationBody) } satisfies Page<InvitationBody>)
}

/** The link is in this answer and nowhere else: there is no mail, so whoever invites hands it on. */
export const createInvitation: Handler<TenantRequest> = async (request) => {
  const { store, tenant, user, addresses } = request
  const { role, email } = await readJson(request, createSchema)
  if (!isAtLeast(tenant.role, role)) throw fieldProblem('/role', `is above your own, which is ${tenant.role}`)
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
  if (!(await addInvitation(store, invitation, now)))
    throw new Problem(
      409,
      'Too many',
      'There are as many open invitations as there may be (withdraw one first), or your role has changed just now.',
    )
  return created({ ...invitationBody(invitation), url: `${addresses.origin}/auth/invitation/${token}` } satisfies InvitationBody)
}

export const deleteInvitation: Handler<TenantRequest> = async ({ store, tenant, user, params }) => {
  const invitation = { tenantId: tenant.id, id: params['id'] ?? '' }
  if (!(await withdrawInvitation(store, invitation, user.id, new Date()))) throw notFound()
  return deleted()
}

/** Nobody changes who is above them, or lifts anyone above themselves. */
function mustReach(own: Role, other: Role): void {
  if (!isAtLeast(own, other)) throw new Problem(403, 'Not allowed', `Your role is ${own}, which is below ${other}.`)
}

function lastOwner(): Problem {
  return new Problem(
    409,
    'Not now',
    'A tenant keeps an owner, so make another member owner first; or somebody changed this member meanwhile.',
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
