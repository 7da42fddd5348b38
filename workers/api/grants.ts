import type { Page } from '../../protocol/api/fields.ts'
import {
  changeGrant as changeSchema,
  changeMyGrant as changeMineSchema,
  type GrantBody,
  type GrantChoiceBody,
} from '../../protocol/api/grants.ts'
import { deviceUrl, type Addresses } from '../../protocol/location.ts'
import { isDocumentUrl } from '../../protocol/oauth/client-document.ts'
import { covers, intersectScopes, type Scope } from '../../protocol/oauth/scope.ts'
import { notFound } from '../../protocol/problem.ts'
import { writes, type ToolDefinition } from '../../protocol/versions/surface.ts'
import { mayUserConnect } from '../../store/admission.ts'
import { updateGrantTerms, findGrant, findGrants, type GrantOwner, type GrantSummary } from '../../store/grants/grants.ts'
import type { Store } from '../../store/index.ts'
import { findHostedServer } from '../../store/servers/servers.ts'
import { findSurface } from '../../store/servers/versions.ts'
import { revokeGrant, updateGrantStreams } from '../revocation.ts'
import { deleted, ok } from './replies.ts'
import { fieldProblem, readJson } from './body.ts'
import { pageByTime } from './paging.ts'
import type { Handler, TenantServerRequest, UserRequest } from '../request.ts'

/** Limit of the body in bytes, enough for the names of a few thousand tools. */
const MAX_BODY = 512 * 1024

export const listMyGrants: Handler<UserRequest> = async (request) => {
  const { user, onlyTenant } = request
  return ok(await pageOfGrants(request, { userId: user.id, tenantId: onlyTenant }))
}

/** Shows a grant with the tools to choose from, if its user is still admitted to the server. */
export const showMyGrant: Handler<UserRequest> = async ({ store, user, onlyTenant, addresses, params }) => {
  const grant = await findGrant(store, { userId: user.id, tenantId: onlyTenant }, params['id'] ?? '', new Date())
  if (!grant) throw notFound()
  const offered = (await toolsFor(store, grant)).map((tool) => ({
    name: tool.name,
    title: tool.title ?? tool.annotations?.title ?? null,
    canChangeThings: writes(tool),
  }))
  return ok({ ...grantBody(grant, addresses), offered } satisfies GrantChoiceBody)
}

/**
 * Changes the tools of the user's grant, or removes scopes. Further scopes need a new consent,
 * which the app asks for.
 */
export const changeMyGrant: Handler<UserRequest> = async (request) => {
  const { store, user, onlyTenant, addresses, params } = request
  const { tools, scopes } = await readJson(request, changeMineSchema, MAX_BODY)
  const changed = await updateGrantTerms(
    store,
    { userId: user.id, tenantId: onlyTenant },
    {
      grantId: params['id'] ?? '',
      actor: user.id,
      change: async (grant) => ({
        scopes: fewerScopes(grant.scopes, scopes),
        tools: tools === undefined ? grant.tools : await knownTools(store, grant, '/tools', tools),
        toolLimit: grant.toolLimit,
      }),
    },
    new Date(),
  )
  if (!changed) throw notFound()
  updateGrantStreams(request, changed)
  return ok(grantBody(changed, addresses))
}

export const endMyGrant: Handler<UserRequest> = (request) => endOwn(request, { userId: request.user.id, tenantId: request.onlyTenant })

/** Lists the grants of a hosted server: user, app, rights and time. */
export const listGrants: Handler<TenantServerRequest> = async (request) => {
  const { server } = request
  return ok(await pageOfGrants(request, server.key))
}

function pageOfGrants(request: UserRequest, owner: GrantOwner): Promise<Page<GrantBody>> {
  const { store, addresses } = request
  const now = new Date()
  return pageByTime(
    request,
    (page) => findGrants(store, owner, now, page),
    (grant) => grantBody(grant, addresses),
  )
}

/**
 * Sets the tenant's limit on a grant's tools. It adds nothing to the user's choice, and the user
 * cannot lift it.
 */
export const changeGrant: Handler<TenantServerRequest> = async (request) => {
  const { store, server, user, addresses, params } = request
  const { toolLimit, scopes } = await readJson(request, changeSchema, MAX_BODY)
  const changed = await updateGrantTerms(
    store,
    server.key,
    {
      grantId: params['id'] ?? '',
      actor: user.id,
      change: async (grant) => ({
        scopes: fewerScopes(grant.scopes, scopes),
        tools: grant.tools,
        toolLimit: toolLimit === undefined ? grant.toolLimit : await knownTools(store, grant, '/toolLimit', toolLimit),
      }),
    },
    new Date(),
  )
  if (!changed) throw notFound()
  updateGrantStreams(request, changed)
  return ok(grantBody(changed, addresses))
}

export const endGrant: Handler<TenantServerRequest> = (request) => endOwn(request, request.server.key)

async function endOwn(request: UserRequest, owner: GrantOwner): Promise<Response> {
  if (!(await revokeGrant(request, owner, { grantId: request.params['id'] ?? '', actor: request.user.id }))) throw notFound()
  return deleted()
}

/** Keeps `offline_access`, which gives no right to call a tool. */
function fewerScopes(granted: Scope[], asked: readonly Scope[] | undefined): Scope[] {
  if (!asked) return granted
  const more = asked.findIndex((scope) => !covers(granted, scope))
  if (more !== -1) throw fieldProblem(`/scopes/${more}`, 'was not granted. The app has to ask the user for it')
  if (!covers(asked, 'mcp:read')) throw fieldProblem('/scopes', 'must include mcp:read. To remove all access, end the grant')
  return intersectScopes(granted, [...asked, 'offline_access'])
}

/** Throws unless the server or the grant knows every tool name. */
async function knownTools(store: Store, grant: GrantSummary, pointer: string, names: string[] | null): Promise<string[] | null> {
  if (names === null) return null
  const offered = await toolsFor(store, grant)
  const known = new Set([...offered.map(({ name }) => name), ...(grant.tools ?? []), ...(grant.toolLimit ?? [])])
  const unknown = names.findIndex((name) => !known.has(name))
  if (unknown !== -1) throw fieldProblem(`${pointer}/${unknown}`, 'is not a tool of this server')
  return [...new Set(names)]
}

/** Returns no tools if the grant's user is no longer admitted to the server. */
async function toolsFor(store: Store, { tenant, server, userId }: GrantSummary): Promise<ToolDefinition[]> {
  const found = await findHostedServer(store, { tenant, server })
  if (!found?.active || !(await mayUserConnect(store, found.key, userId))) return []
  const surface = await findSurface(store, { tenantId: found.tenantId, versionId: found.active.id })
  return surface?.tools ?? []
}

function grantBody(grant: GrantSummary, addresses: Addresses): GrantBody {
  const { id, tenant, server, userId, userName, userEmail, clientId, clientName, scopes, tools, toolLimit } = grant
  return {
    id,
    tenant,
    server,
    userId,
    userName,
    userEmail,
    clientId,
    clientName,
    clientKind: isDocumentUrl(clientId) ? 'document' : 'registered',
    clientDocumentHash: grant.documentHash,
    clientRegisteredAt: grant.clientCreatedAt?.toISOString() ?? null,
    redirectUri: grant.redirectUri === deviceUrl(addresses) ? null : grant.redirectUri,
    scopes,
    tools,
    toolLimit,
    createdAt: grant.createdAt.toISOString(),
    lastUsedAt: grant.lastUsedAt?.toISOString() ?? null,
    expiresAt: grant.expiresAt?.toISOString() ?? null,
  }
}
