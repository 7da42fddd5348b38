import { SERVER_FIELDS } from '../../protocol/api/field-roles.ts'
import type { Page } from '../../protocol/api/fields.ts'
import {
  changeEnvironment as changeSchema,
  createServer as createSchema,
  updateServer as updateSchema,
  type EnvironmentBody,
  type ServerBody,
} from '../../protocol/api/servers.ts'
import { deleteRemains } from '../../hosting/deploy/delete.ts'
import { openEnvironment, sealEnvironment, type Environment } from '../../hosting/vault.ts'
import { serverUrls, type Addresses } from '../../protocol/location.ts'
import { Problem } from '../../protocol/problem.ts'
import { newId } from '../../protocol/random.ts'
import { findServerRest } from '../../store/retired-slugs.ts'
import { isAtLeast } from '../../store/tenants/members.ts'
import {
  MAX_SERVERS,
  createHostedServer,
  deleteHostedServer,
  findHostedServer,
  findHostedServers,
  replaceEnvironment,
  updateHostedServer,
  type HostedServer,
  type ServerSettings,
} from '../../store/servers/servers.ts'
import { closeRevokedStreams } from '../revocation.ts'
import { created, deleted, ok } from './replies.ts'
import { fieldProblem, readJson } from './body.ts'
import { mustWrite } from './field-roles.ts'
import { storeWithReceipt } from './idempotent.ts'
import { endOfRest, restOf } from './slug-rest.ts'
import { forgetHostedServer } from '../hosted-servers.ts'
import type { Handler, TenantRequest, TenantServerRequest } from '../request.ts'

/** Settings that decide who may connect. */
const DECIDING = ['access', 'clients', 'machineScopes'] as const
const MAX_ENVIRONMENT = 64
const MAX_ENVIRONMENT_CHARACTERS = 64 * 1024

export const listServers: Handler<TenantRequest> = async ({ store, tenant, addresses }) => {
  const found = await findHostedServers(store, { tenantId: tenant.id, tenant: tenant.slug })
  return ok({ items: found.map((server) => serverBody(server, addresses)) } satisfies Page<ServerBody>)
}

export const createServer: Handler<TenantRequest> = async (request) => {
  const { store, tenant, user, addresses, env } = request
  const asked = await readJson(request, createSchema)
  mustWrite(tenant, SERVER_FIELDS, asked)
  const { slug, name, ...settings } = asked
  const id = newId()
  const rest = isAtLeast(tenant.role, 'admin') ? undefined : restOf(env)
  const outcome = await createHostedServer(
    await storeWithReceipt(request, 201, id),
    { id, tenantId: tenant.id, slug, name, ...present(settings) },
    user.id,
    rest,
  )
  if (outcome === 'slug-rests') throw await slugRests(request, slug)
  if (outcome === 'slug-taken') throw fieldProblem('/slug', 'is taken', 409)
  if (outcome === 'too-many')
    throw new Problem(409, 'Limit reached', `This tenant has ${MAX_SERVERS} servers, which is the limit. Delete a server first.`)
  // a deleted server may have had the slug
  forgetHostedServer({ tenant: tenant.slug, server: slug })
  const server = await findHostedServer(store, { tenant: tenant.slug, server: slug })
  if (!server) throw new Error('the created server was not found')
  return created(serverBody(server, addresses))
}

/** A server of the slug was deleted by an admin, so an admin decides about a new one. */
async function slugRests({ store, tenant, env }: TenantRequest, slug: string): Promise<Problem> {
  const retiredAt = await findServerRest(store, tenant.id, slug, restOf(env))
  const until = endOfRest(env, retiredAt ?? new Date())
  return fieldProblem(
    '/slug',
    `was the slug of a deleted server; until ${until} only an admin can take it back, and your role is ${tenant.role}`,
    409,
  )
}

/** Replies like {@link createServer} after a server that is stored without its reply. */
export async function recallServer({ store, tenant, addresses }: TenantRequest, id: string): Promise<Response | undefined> {
  const servers = await findHostedServers(store, { tenantId: tenant.id, tenant: tenant.slug })
  const server = servers.find((found) => found.id === id)
  return server && created(serverBody(server, addresses))
}

export const showServer: Handler<TenantServerRequest> = ({ server, addresses }) => ok(serverBody(server, addresses))

/**
 * Changes settings. Callers no longer admitted are refused within 10 s, and their open streams
 * close now.
 */
export const updateServer: Handler<TenantServerRequest> = async (request) => {
  const { store, tenant, server, user, addresses } = request
  const settings = present(await readJson(request, updateSchema))
  mustWrite(tenant, SERVER_FIELDS, settings)
  if (Object.keys(settings).length > 0) await updateHostedServer(store, server.key, settings, user.id)
  forgetHostedServer(server)
  if (DECIDING.some((name) => name in settings)) await closeStreams(request, settings)
  return ok(serverBody({ ...server, ...settings }, addresses))
}

export const deleteServer: Handler<TenantServerRequest> = async (request) => {
  const { store, server, user, tenant } = request
  await deleteHostedServer(store, server, user.id)
  forgetHostedServer(server)
  request.waitUntil(deleteRemains(request.env, tenant.id, [server]))
  return deleted()
}

export const showEnvironment: Handler<TenantServerRequest> = async ({ server, env }) =>
  ok(environmentBody(await findEnvironment(env, server)))

/**
 * Changes environment values, which are write-only: reads return the last four characters. Later
 * calls use an isolate with the new values. Values that cannot be opened are lost, so the new
 * values replace all of them.
 */
export const changeEnvironment: Handler<TenantServerRequest> = async (request) => {
  const { store, server, user, env } = request
  const { values } = await readJson(request, changeSchema, 600_000)
  const stored = await findEnvironment(env, server)
  if (!stored && Object.keys(values).length === 0) return ok(environmentBody(stored))
  const environment = new Map(Object.entries(stored ?? {}))
  for (const [name, value] of Object.entries(values)) {
    if (name === 'EVENTS') throw fieldProblem('/values/EVENTS', 'is a name reserved for the platform')
    if (value === null) environment.delete(name)
    else environment.set(name, value)
  }
  const size = [...environment].reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  if (environment.size > MAX_ENVIRONMENT || size > MAX_ENVIRONMENT_CHARACTERS) {
    throw fieldProblem('/values', `exceed the limit of ${MAX_ENVIRONMENT} values or ${MAX_ENVIRONMENT_CHARACTERS} characters`)
  }
  const changed = Object.fromEntries(environment)
  const sealed = environment.size === 0 ? null : await sealEnvironment(env, server, changed)
  await replaceEnvironment(store, server, sealed, { actor: user.id, names: Object.keys(values), ...(stored ? {} : { lost: true }) })
  forgetHostedServer(server)
  return ok(environmentBody(changed))
}

/** Closes the streams of users and apps that the settings no longer admit. */
async function closeStreams(request: TenantServerRequest, { access }: ServerSettings): Promise<void> {
  await closeRevokedStreams(request)
  if (access === 'members' || access === 'signed-in')
    request.waitUntil(request.env.SUBSCRIPTION_HUB.getByName(request.server.id).endAnonymous())
}

function present(settings: { [K in keyof ServerSettings]?: ServerSettings[K] | undefined }): ServerSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

export function serverBody(server: HostedServer, addresses: Addresses): ServerBody {
  const { name, description, icon, access, clients, registration, machineScopes, challenge, origins, egress, limits, active } = server
  return {
    slug: server.server,
    name,
    description,
    icon,
    access,
    clients,
    registration,
    machineScopes,
    challenge,
    origins,
    egress,
    limits,
    url: serverUrls(server, 'path', addresses).resource,
    hostUrl: addresses.serverHost ? serverUrls(server, 'host', addresses).resource : null,
    activeVersion: active?.number ?? null,
  }
}

/** Returns undefined if the stored values cannot be opened, for example after a lost VAULT_KEY. */
async function findEnvironment(env: Env, server: HostedServer): Promise<Environment | undefined> {
  try {
    return await openEnvironment(env, server)
  } catch (error) {
    console.error(JSON.stringify({ event: 'environment-unreadable', serverId: server.id, error: String(error) }))
    return undefined
  }
}

function environmentBody(environment: Environment | undefined): EnvironmentBody {
  if (!environment) return { values: [], unreadable: true }
  const values = Object.entries(environment).map(([name, value]) => ({ name, lastFour: value.length >= 12 ? value.slice(-4) : '' }))
  return { values: values.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }
}
