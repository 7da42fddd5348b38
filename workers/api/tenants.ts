import { deleteRemains } from '../../hosting/deploy/delete.ts'
import { createTenant as createSchema, updateTenant as updateSchema, type TenantBody } from '../../protocol/api/tenants.ts'
import { Problem } from '../../protocol/problem.ts'
import { newId } from '../../protocol/random.ts'
import { findTenantRest } from '../../store/retired-slugs.ts'
import { findHostedServers } from '../../store/servers/servers.ts'
import {
  createTenant as insertTenant,
  deleteTenant as removeTenant,
  MAX_TENANTS,
  renameTenant,
  type OwnTenant,
} from '../../store/tenants/tenants.ts'
import { created, deleted, ok } from './replies.ts'
import { fieldProblem, readJson } from './body.ts'
import { endOfRest, restOf } from './slug-rest.ts'
import { storeWithReply } from './idempotent.ts'
import { forgetHostedServer } from '../hosted-servers.ts'
import type { Handler, TenantRequest, UserRequest } from '../request.ts'

export const createTenant: Handler<UserRequest> = async (request) => {
  const { store, user, env } = request
  const asked = await readJson(request, createSchema)
  const reply = created({ ...asked, role: 'owner', createdAt: new Date().toISOString(), suspended: null } satisfies TenantBody)
  const rest = restOf(env)
  const outcome = await insertTenant(await storeWithReply(request, reply), { id: newId(), ...asked }, user.id, rest)
  if (outcome === 'slug-taken') throw fieldProblem('/slug', 'is taken', 409)
  if (outcome === 'slug-rests') {
    const retiredAt = await findTenantRest(store, asked.slug, user.id, rest)
    throw fieldProblem(
      '/slug',
      `was the slug of a deleted tenant, whose owners can take it back until ${endOfRest(env, retiredAt ?? new Date())}`,
      409,
    )
  }
  if (outcome === 'too-many') throw new Problem(409, 'Limit reached', `You are a member of ${MAX_TENANTS} tenants, which is the limit.`)
  return reply
}

export const showTenant: Handler<TenantRequest> = ({ tenant }) => ok(tenantBody(tenant))

export const updateTenant: Handler<TenantRequest> = async (request) => {
  const { store, tenant, user } = request
  const { name } = await readJson(request, updateSchema)
  await renameTenant(store, tenant.id, name, user.id)
  return ok(tenantBody({ ...tenant, name }))
}

/**
 * Deletes a tenant with its hosted servers, grants, members and invitations, and closes open
 * streams. The slug rests.
 */
export const deleteTenant: Handler<TenantRequest> = async (request) => {
  const { store, tenant, user } = request
  const servers = await findHostedServers(store, { tenantId: tenant.id, tenant: tenant.slug })
  await removeTenant(store, tenant.id, user.id)
  for (const server of servers) forgetHostedServer(server)
  request.waitUntil(deleteRemains(request.env, tenant.id, servers))
  return deleted()
}

export function tenantBody({ slug, name, role, createdAt, suspension }: OwnTenant): TenantBody {
  const suspended = suspension ? { since: suspension.since.toISOString(), why: suspension.why } : null
  return { slug, name, role, createdAt: createdAt.toISOString(), suspended }
}
