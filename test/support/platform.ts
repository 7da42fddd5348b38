import { env, exports } from 'cloudflare:workers'
import { and, eq } from 'drizzle-orm'
import { serverUrls, type ServerUrls } from '../../protocol/location.ts'
import type { Scope } from '../../protocol/oauth/scope.ts'
import { newId, randomToken, sha256 } from '../../protocol/random.ts'
import type { Surface, ToolDefinition } from '../../protocol/versions/surface.ts'
import { putBundle } from '../../store/servers/bundles.ts'
import { openStore } from '../../store/index.ts'
import { grants, tokens } from '../../store/schema/grants.ts'
import { users } from '../../store/schema/people.ts'
import { hostedServers, versions } from '../../store/schema/servers.ts'
import { members, type Role, tenants } from '../../store/schema/tenants.ts'
import type { HostedServer } from '../../store/servers/servers.ts'
import { toContentColumns } from '../../store/servers/version-content.ts'
import { findHostedServer } from '../../store/servers/servers.ts'

export const ORIGIN = 'http://localhost:8787'
export const addresses = { origin: ORIGIN, serverHost: undefined }
export const store = openStore(env)

/** Sends a request to the Worker. Does not follow redirects. */
export function fetchPlatform(path: string, init: RequestInit = {}): Promise<Response> {
  return exports.default.fetch(new URL(path, ORIGIN), { redirect: 'manual', ...init })
}

let counter = 0
/** Returns a slug unique in the test file. */
export function freshSlug(prefix = 't'): string {
  return `${prefix}-${(counter++).toString(36)}-${randomToken(4)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, 'x')}`
}

export interface TestUser {
  id: string
  email: string
}

export async function createUser(): Promise<TestUser> {
  const id = newId()
  const email = `${freshSlug('user')}@example.com`
  await store.insert(users).values({ id, name: 'Test Person', email })
  return { id, email }
}

export interface TestTenant {
  id: string
  slug: string
  owner: TestUser
}

export async function createTenant(owner?: TestUser): Promise<TestTenant> {
  const person = owner ?? (await createUser())
  const id = newId()
  const slug = freshSlug('tenant')
  await store.batch([
    store.insert(tenants).values({ id, slug, name: slug }),
    store.insert(members).values({ tenantId: id, userId: person.id, role: 'owner' }),
  ])
  return { id, slug, owner: person }
}

export async function addMember(tenant: TestTenant, role: Role): Promise<TestUser> {
  const user = await createUser()
  await store.insert(members).values({ tenantId: tenant.id, userId: user.id, role })
  return user
}

/** Returns a surface with the given tools, as stored by the probe. */
export function surfaceOf(tools: ToolDefinition[] = [], rest: Partial<Surface> = {}): Surface {
  return {
    serverInfo: { name: 'test', version: '1.0.0' },
    capabilities: { tools: { listChanged: true } },
    supportedVersions: ['2026-07-28'],
    tools,
    prompts: [],
    resources: [],
    resourceTemplates: [],
    ...rest,
  }
}

export interface TestServer {
  tenant: TestTenant
  slug: string
  id: string
  urls: ServerUrls
  /** Loads the server as the gate does. */
  definition(): Promise<HostedServer>
}

interface ServerOptions {
  tenant?: TestTenant
  slug?: string
  /** Source text of index.js; if absent, the server has no active version. */
  code?: string
  surface?: Surface
  settings?: Partial<typeof hostedServers.$inferInsert>
}

/** Stores a hosted server without the API and the probe. */
export async function createServer({ tenant, slug, code, surface, settings }: ServerOptions = {}): Promise<TestServer> {
  const owner = tenant ?? (await createTenant())
  const name = slug ?? freshSlug('server')
  const id = newId()
  await store.insert(hostedServers).values({ id, tenantId: owner.id, slug: name, name, ...settings })
  const server: TestServer = {
    tenant: owner,
    slug: name,
    id,
    urls: serverUrls({ tenant: owner.slug, server: name }, 'path', addresses),
    async definition() {
      const found = await findHostedServer(store, { tenant: owner.slug, server: name })
      if (!found) throw new Error('the created server was not found')
      return found
    },
  }
  if (code !== undefined) await addVersion(server, code, surface ?? surfaceOf())
  return server
}

/** Stores a version with one module and activates it by default. */
export async function addVersion(server: TestServer, code: string, surface: Surface, { activate = true } = {}): Promise<number> {
  const bundle = { mainModule: 'index.js', modules: { 'index.js': code } }
  const { hash, bytes } = await putBundle(env, server.tenant.id, bundle)
  const [row] = await store.select({ last: hostedServers.lastVersion }).from(hostedServers).where(eq(hostedServers.id, server.id))
  const number = (row?.last ?? 0) + 1
  const id = newId()
  await store.insert(versions).values({
    id,
    tenantId: server.tenant.id,
    serverId: server.id,
    number,
    ...toContentColumns({ source: 'code', bundleHash: hash, mainModule: bundle.mainModule }),
    state: 'ready',
    bundleBytes: bytes,
    surface,
    findings: [],
  })
  await store
    .update(hostedServers)
    .set({ lastVersion: number, ...(activate ? { activeVersionId: id } : {}) })
    .where(and(eq(hostedServers.id, server.id), eq(hostedServers.tenantId, server.tenant.id)))
  return number
}

interface TokenOptions {
  user?: TestUser
  clientId?: string
  scopes?: Scope[]
  tools?: string[]
  resource?: string
  expiresIn?: number
}

/** Stores an access token and its grant, for tests behind the bearer gate. */
export async function createToken(
  server: TestServer,
  options: TokenOptions = {},
): Promise<{ token: string; grantId: string; user: TestUser; clientId: string }> {
  const user = options.user ?? server.tenant.owner
  const clientId = options.clientId ?? newId()
  const grantId = newId()
  const token = `${user.id}:${grantId}:${randomToken(24)}`
  const scopes = options.scopes ?? ['mcp:read', 'mcp:write']
  const audience = options.resource ?? server.urls.resource
  const owned = { issuer: server.urls.issuer, tenantId: server.tenant.id, serverId: server.id, userId: user.id, scopes, record: '{}' }
  await store.batch([
    store.insert(grants).values({ ...owned, id: grantId, clientId, tools: options.tools ?? null, resource: audience }),
    store.insert(tokens).values({
      ...owned,
      hash: await sha256(token),
      grantId,
      audience,
      expiresAt: new Date(Date.now() + (options.expiresIn ?? 3600) * 1000),
    }),
  ])
  return { token, grantId, user, clientId }
}
