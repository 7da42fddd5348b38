import type { Page } from '../../protocol/api/fields.ts'
import { changeMe, changePassword, createToken, type Me, type TokenBody } from '../../protocol/api/me.ts'
import { notFound, Problem } from '../../protocol/problem.ts'
import { suspensionText } from '../../protocol/suspension.ts'
import { newId, randomToken, sha256 } from '../../protocol/random.ts'
import { findPasswordHash, replacePassword } from '../../store/people/credentials.ts'
import { isAtLeast } from '../../store/tenants/members.ts'
import { addPersonalToken, deletePersonalToken, findPersonalTokens, MAX_PERSONAL_TOKENS } from '../../store/people/personal-tokens.ts'
import { findTenant, findTenants } from '../../store/tenants/tenants.ts'
import { renameUser } from '../../store/people/users.ts'
import { withinAuthLimit } from '../auth/attempts.ts'
import { fieldProblem, readJson } from './body.ts'
import { storeWithReply } from './idempotent.ts'
import { created, deleted, ok } from './replies.ts'
import { tenantBody } from './tenants.ts'
import { authEngine } from '../auth-engine.ts'
import type { Handler, UserRequest } from '../request.ts'

export const showMe: Handler<UserRequest> = async ({ store, user, onlyTenant }) => {
  const all = await findTenants(store, user.id)
  const reached = onlyTenant === undefined ? all : all.filter(({ id }) => id === onlyTenant)
  const hasPassword = (await findPasswordHash(store, user.id)) !== undefined
  return ok({ user, hasPassword, wholeAccount: onlyTenant === undefined, tenants: reached.map(tenantBody) } satisfies Me)
}

export const updateMe: Handler<UserRequest> = async (request) => {
  const { name } = await readJson(request, changeMe)
  await renameUser(request.store, request.user.id, name, new Date())
  request.user.name = name
  return showMe(request)
}

/**
 * Changes the password after a check of the current password, or sets the first password of a user
 * who signs in through a provider. Ends every other sign-in, because a stolen sign-in may be the
 * reason for the change. Tokens and grants stay.
 */
export const updatePassword: Handler<UserRequest> = async (request) => {
  const { store, user, signInId } = request
  const { currentPassword, newPassword } = await readJson(request, changePassword)
  if (signInId === undefined) throw notFound()
  if (!(await withinAuthLimit(request, user.email)))
    throw new Problem(429, 'Too many attempts', 'Wait a minute, then try again.', { headers: { 'Retry-After': '60' } })
  const { password } = await authEngine(request.env).$context
  const from = await findPasswordHash(store, user.id)
  const isTheirs =
    from === undefined ? currentPassword === undefined : await password.verify({ hash: from, password: currentPassword ?? '' })
  if (!isTheirs)
    throw fieldProblem(
      '/currentPassword',
      from === undefined ? 'must be left out, because you have no password yet' : 'is not your password',
    )
  const to = await password.hash(newPassword)
  if (!(await replacePassword(store, { userId: user.id, from, to, signInId }, new Date())))
    throw new Problem(
      409,
      'Conflict',
      'A different request changed the password at the same time. Check that it was yours, then try again.',
    )
  return deleted()
}

export const listMyTokens: Handler<UserRequest> = async ({ store, user, onlyTenant }) => {
  const found = await findPersonalTokens(store, { userId: user.id, tenantId: onlyTenant }, new Date())
  return ok({ items: found.map(tokenBody) } satisfies Page<TokenBody>)
}

/** Creates a personal API token. Only this reply contains the token. */
export const createMyToken: Handler<UserRequest> = async (request) => {
  const { store, user, onlyTenant } = request
  const asked = await readJson(request, createToken)
  const tenant = await findTenant(store, asked.tenant, user.id)
  if (!tenant || (onlyTenant !== undefined && onlyTenant !== tenant.id))
    throw fieldProblem('/tenant', 'is not a tenant you are a member of')
  if (tenant.suspension) throw new Problem(403, 'Tenant suspended', suspensionText(tenant.slug, tenant.suspension))
  if (!isAtLeast(tenant.role, asked.role)) throw fieldProblem('/role', `is above your role, ${tenant.role}`)
  const token = `wharf_pat_${randomToken(32)}`
  const now = new Date()
  const row = {
    id: newId(),
    tokenHash: await sha256(token),
    lastFour: token.slice(-4),
    name: asked.name,
    userId: user.id,
    tenantId: tenant.id,
    role: asked.role,
    createdAt: now,
    expiresAt: new Date(now.getTime() + asked.expiresInDays * 24 * 3600_000),
  }
  const reply = created({ ...tokenBody({ ...row, tenant: tenant.slug, lastUsedAt: null }), token } satisfies TokenBody)
  if (!(await addPersonalToken(await storeWithReply(request, reply), row)))
    throw new Problem(409, 'Limit reached', `You have ${MAX_PERSONAL_TOKENS} API tokens, which is the limit. Delete a token first.`)
  return reply
}

export const deleteMyToken: Handler<UserRequest> = async ({ store, user, onlyTenant, params }) => {
  if (!(await deletePersonalToken(store, { userId: user.id, tenantId: onlyTenant }, params['id'] ?? ''))) throw notFound()
  return deleted()
}

function tokenBody({
  id,
  name,
  tenant,
  role,
  lastFour,
  lastUsedAt,
  expiresAt,
  createdAt,
}: Awaited<ReturnType<typeof findPersonalTokens>>[number]): TokenBody {
  return {
    id,
    name,
    tenant,
    role,
    lastFour,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    expiresAt: expiresAt.toISOString(),
    createdAt: createdAt.toISOString(),
  }
}
