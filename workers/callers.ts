import { rootUrls } from '../protocol/location.ts'
import { dashboardClientId } from '../protocol/oauth/dashboard-client.ts'
import type { GrantedPrincipal, Principal } from '../protocol/principal.ts'
import { sha256 } from '../protocol/random.ts'
import { findPrincipal, type Audience } from '../store/grants/tokens.ts'
import type { Store } from '../store/index.ts'
import { ACCESS_KEY, findKeyPrincipal, touchAccessKey } from '../store/machines/access-keys.ts'
import { findMachinePrincipal, MACHINE_TOKEN, TOUCHED_SECONDS, touchMachineGrant } from '../store/machines/machine-tokens.ts'
import { findHostedServer, type HostedServer } from '../store/servers/servers.ts'
import { noteUse } from './grant-use.ts'
import { RecentMap } from '../protocol/recent-map.ts'
import type { BearerRequest, ServerRequest } from './request.ts'

/*
 * Principals behind the tokens sent to MCP endpoints. An isolate keeps a principal for 10 seconds,
 * because the end of a grant takes effect everywhere within 10 seconds.
 */

const KEPT_MS = 10_000
const MAX_KEPT = 5_000

/**
 * Principals by token hash, resource and id of the hosted server. The id belongs to the key,
 * because a deleted server and its successor can have the same resource.
 */
const kept = new RecentMap<{ principal: GrantedPrincipal; until: number }>(MAX_KEPT)

interface Found {
  principal: GrantedPrincipal
  /** Undefined if the row of the token has no such column. */
  lastUsedAt?: Date | null
}

/** Token formats, with the queries of the table for each format. */
const KINDS: {
  format: RegExp
  find(store: Store, audience: Audience, hash: string, now: Date): Promise<Found | undefined>
  /**
   * Stores the time of use. Absent for grants of users, because {@link noteUse} gathers uses of
   * grants.
   */
  touch?(store: Store, tenantId: string, grantId: string, now: Date): Promise<void>
}[] = [
  {
    format: /^[\w-]{1,64}:[\w-]{1,64}:[\w-]{1,128}$/,
    find: async (...asked) => {
      const principal = await findPrincipal(...asked)
      return principal && { principal }
    },
  },
  { format: MACHINE_TOKEN, find: findMachinePrincipal, touch: touchMachineGrant },
  { format: ACCESS_KEY, find: findKeyPrincipal, touch: touchAccessKey },
]

/** Returns the token of an Authorization header. */
export function presentedToken(authorization: string | null): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
}

/**
 * Returns the principal of a token, or undefined if the token is not valid at the hosted server.
 */
export async function findCaller(request: ServerRequest, token: string): Promise<GrantedPrincipal | undefined> {
  const { store, server, urls, waitUntil } = request
  const kind = KINDS.find(({ format }) => format.test(token))
  if (!kind) return undefined
  const hash = await sha256(token)
  const key = keyOf(server, urls.resource, hash)
  const now = Date.now()
  const known = kept.get(key)
  if (known && now < known.until) return known.principal
  kept.delete(key)

  const found = await kind.find(store, audienceOf(request), hash, new Date(now))
  if (!found) return undefined
  const { principal, lastUsedAt } = found
  kept.set(key, { principal, until: Math.min(now + KEPT_MS, principal.expiresAt) })
  if (!kind.touch) noteUse(request, server.tenantId, principal.grantId)
  else if (now - (lastUsedAt?.getTime() ?? 0) > TOUCHED_SECONDS * 1000) {
    waitUntil(kind.touch(store, server.tenantId, principal.grantId, new Date(now)))
  }
  return principal
}

/**
 * Looks up the caller of a running request in the database, not among the kept principals. Returns
 * undefined if the grant has ended. A token expired after `since` still counts, because the token
 * was valid when the request arrived.
 */
export async function callerNow(request: BearerRequest, since: Date): Promise<Principal | undefined> {
  const { store, server, headers, principal } = request
  if (principal.kind === 'anonymous') {
    const found = await findHostedServer(store, server)
    return found?.id === server.id && found.access === 'public' ? principal : undefined
  }
  const token = presentedToken(headers.get('Authorization')) ?? ''
  const found = await KINDS.find(({ format }) => format.test(token))?.find(store, audienceOf(request), await sha256(token), since)
  return found?.principal
}

/**
 * Drops the kept principals of a grant, so that the isolate applies a change of the grant at once.
 */
export function forgetGrant(grantId: string): void {
  for (const [key, { principal }] of kept.entries()) if (principal.grantId === grantId) kept.delete(key)
}

/** Drops the kept principal of the token with the given hash. */
export function forgetToken(server: Pick<HostedServer, 'id'>, resource: string, hash: string): void {
  kept.delete(keyOf(server, resource, hash))
}

function audienceOf({ server, urls, addresses }: ServerRequest): Audience {
  return {
    issuers: urls.form === 'path' ? [urls.issuer, rootUrls(addresses).issuer] : [urls.issuer],
    ...server.key,
    resource: urls.resource,
    dashboardClientId: dashboardClientId(addresses.origin),
  }
}

function keyOf({ id }: Pick<HostedServer, 'id'>, resource: string, hash: string): string {
  return `${hash} ${id} ${resource}`
}
