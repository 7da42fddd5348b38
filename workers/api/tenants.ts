import {
  createTenant as createSchema,
  updateTenant as updateSchema,
  type AuditBody,
  type Page,
  type TenantBody,
} from '../../protocol/api.ts'
import { Problem } from '../../protocol/problem.ts'
import { newId } from '../../protocol/random.ts'
import { findAuditEvents, type AuditCursor } from '../../store/audit.ts'
import { findHostedServers } from '../../store/servers.ts'
import {
  createTenant as insertTenant,
  deleteTenant as removeTenant,
  MAX_TENANTS,
  renameTenant,
  type OwnTenant,
} from '../../store/tenants.ts'
import { forgetHostedServer } from '../gates/hosted-server.ts'
import type { TenantRequest } from '../gates/tenant.ts'
import type { UserRequest } from '../gates/user.ts'
import type { Handler } from '../request.ts'
import { created, deleted, ok } from './answers.ts'
import { badBefore, fieldProblem, pageOf, readJson } from './body.ts'
import { forgetStored } from './servers.ts'

export const createTenant: Handler<UserRequest> = async (request) => {
  const { store, user } = request
  const asked = await readJson(request, createSchema)
  const outcome = await insertTenant(store, { id: newId(), ...asked }, user.id)
  if (outcome === 'slug-taken') throw fieldProblem('/slug', 'is taken', 409)
  if (outcome === 'too-many') throw new Problem(409, 'Too many', `You may be a member of ${MAX_TENANTS} tenants at most.`)
  return created({ ...asked, role: 'owner', createdAt: new Date().toISOString() } satisfies TenantBody)
}

export const showTenant: Handler<TenantRequest> = ({ tenant }) => ok(tenantBody(tenant))

export const updateTenant: Handler<TenantRequest> = async (request) => {
  const { store, tenant } = request
  const { name } = await readJson(request, updateSchema)
  await renameTenant(store, tenant.id, name)
  return ok(tenantBody({ ...tenant, name }))
}

/** With everything it has: hosted servers and what they run and have open, grants, members, invitations. */
export const deleteTenant: Handler<TenantRequest> = async ({ store, tenant }, env, ctx) => {
  const servers = await findHostedServers(store, { tenantId: tenant.id, tenant: tenant.slug })
  await removeTenant(store, tenant.id)
  for (const server of servers) forgetHostedServer(server)
  ctx.waitUntil(forgetStored(env, tenant.id, servers))
  return deleted()
}

/** Who changed who may do what, newest first. */
export const listAuditEvents: Handler<TenantRequest> = async (request) => {
  const { limit, before } = pageOf(request)
  const events = await findAuditEvents(request.store, request.tenant.id, { limit: limit + 1, before: cursorOf(before) })
  const page = events.slice(0, limit)
  const items = page.map(({ id, serverId, actor, action, detail, createdAt }): AuditBody => ({
    id,
    serverId,
    actor,
    action,
    detail,
    createdAt: createdAt.toISOString(),
  }))
  const last = page.at(-1)
  const next = events.length > limit && last ? { next: `${Math.floor(last.createdAt.getTime() / 1000)}.${last.id}` } : {}
  return ok({ items, ...next } satisfies Page<AuditBody>)
}

function cursorOf(before: string | undefined): AuditCursor | undefined {
  if (before === undefined) return undefined
  const [, seconds = '', id = ''] = /^(\d{1,12})\.([\w-]{1,64})$/.exec(before) ?? []
  if (id === '') throw badBefore()
  return { createdAt: new Date(Number(seconds) * 1000), id }
}

export function tenantBody({ slug, name, role, createdAt }: OwnTenant): TenantBody {
  return { slug, name, role, createdAt: createdAt.toISOString() }
}
