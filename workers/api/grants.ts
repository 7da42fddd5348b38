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
import { changeGrant as change, findGrant, findGrants, type GrantOwner, type GrantSummary } from '../../store/grants/grants.ts'
import type { Store } from '../../store/index.ts'
import { findHostedServer } from '../../store/servers/servers.ts'
import { findSurface } from '../../store/servers/versions.ts'
import { endGrant as end, updateGrantStreams } from '../revocation.ts'
import { deleted, ok } from './answers.ts'
import { fieldProblem, readJson } from './body.ts'
import { pageByTime } from './paging.ts'
import type { Handler, TenantServerRequest, UserRequest } from '../request.ts'

/** A choice of some thousand tools by name. */
const MAX_BODY = 512 * 1024

export const listMyGrants: Handler<UserRequest> = async (request) => {
  const { user, onlyTenant } = request
  return ok(await pageOfGrants(request, { userId: user.id, tenantId: onlyTenant }))
}

/** With the tools there are to choose from, as long as its user may use the server. */
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

/** Who approved may choose anew among the server's tools; of scopes only fewer, since more are asked for by the app and shown when it does. */
export const changeMyGrant: Handler<UserRequest> = async (request) => {
  const { store, user, onlyTenant, addresses, params } = request
  const { tools, scopes } = await readJson(request, changeMineSchema, MAX_BODY)
  const changed = await change(
    store,
    { userId: user.id, tenantId: onlyTenant },
    params['id'] ?? '',
    {
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

/** All that lives at one hosted server: who let in which app, when, and to what. */
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

/** A limit beside what the grant's user chose, so that it never gives what they did not, and they cannot lift it. */
export const changeGrant: Handler<TenantServerRequest> = async (request) => {
  const { store, server, user, addresses, params } = request
  const { toolLimit, scopes } = await readJson(request, changeSchema, MAX_BODY)
  const changed = await change(
    store,
    server.key,
    params['id'] ?? '',
    {
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
  if (!(await end(request, owner, { grantId: request.params['id'] ?? '', actor: request.user.id }))) throw notFound()
  return deleted()
}

/** `offline_access` is kept: it is no right to call anything. */
function fewerScopes(granted: Scope[], asked: readonly Scope[] | undefined): Scope[] {
  if (!asked) return granted
  const more = asked.findIndex((scope) => !covers(granted, scope))
  if (more !== -1) throw fieldProblem(`/scopes/${more}`, 'was not granted: the app has to ask its user for it')
  if (!covers(asked, 'mcp:read')) throw fieldProblem('/scopes', 'needs mcp:read: without it nothing is left, so end the grant instead')
  return intersectScopes(granted, [...asked, 'offline_access'])
}

/** Names of tools the server has, or the grant knows from a version that had them. */
async function knownTools(store: Store, grant: GrantSummary, pointer: string, names: string[] | null): Promise<string[] | null> {
  if (names === null) return null
  const offered = await toolsFor(store, grant)
  const known = new Set([...offered.map(({ name }) => name), ...(grant.tools ?? []), ...(grant.toolLimit ?? [])])
  const unknown = names.findIndex((name) => !known.has(name))
  if (unknown !== -1) throw fieldProblem(`${pointer}/${unknown}`, 'is none of this server’s tools')
  return [...new Set(names)]
}

/** Nothing of a server that the grant's user may not use any more. */
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
