import { dashboardClientId } from '../../protocol/oauth/dashboard-client.ts'
import { authorizationNeeded, challengeScopes, insufficientScope, invalidToken, type Challenge } from '../../protocol/oauth/challenge.ts'
import { rootUrls } from '../../protocol/location.ts'
import { covers } from '../../protocol/oauth/scope.ts'
import { ANONYMOUS, type GrantedPrincipal } from '../../protocol/principal.ts'
import { sha256 } from '../../protocol/random.ts'
import { findPrincipal } from '../../store/tokens.ts'
import { findSurface } from '../../store/versions.ts'
import { noteUse } from './grant-use.ts'
import type { BearerRequest, Gate, ServerRequest } from '../request.ts'

/** How long an isolate goes on with what it knows of a token: the promise is that ending a grant works within this. */
const KNOWN_FOR = 10_000
const MAX_KNOWN = 5_000

/** Token hash and resource -> principal, oldest first. */
const known = new Map<string, { principal: GrantedPrincipal; until: number }>()

/**
 * The token is live and was made for exactly this resource, else 401; it covers `mcp:read`, without which nothing may be done here, else 403. At a
 * `public` server a request without a token is anonymous. Tokens are taken from the Authorization header alone.
 */
export const withBearer: Gate<BearerRequest> = async (request, env, ctx) => {
  const authorization = request.headers.get('Authorization')
  if (authorization === null && request.server.access === 'public') {
    request.principal = ANONYMOUS
    return
  }
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
  if (token === undefined) throw authorizationNeeded(await challengeOf(request))
  const principal = await findCaller(request, token, env, ctx)
  if (!principal) throw invalidToken(await challengeOf(request))
  if (!covers(principal.scopes, 'mcp:read')) throw insufficientScope(await challengeOf(request))
  request.principal = principal
}

/** What a 401 or 403 of this hosted server names. A caller that knows an operation's scopes names those instead. */
export async function challengeOf({ store, server, urls }: Pick<ServerRequest, 'store' | 'server' | 'urls'>): Promise<Challenge> {
  const surface = server.active && (await findSurface(store, { tenantId: server.tenantId, versionId: server.active.id }))
  return { resourceMetadata: urls.resourceMetadata, scopes: challengeScopes(server.challenge, surface) }
}

/** A grant ended here stops here at once; other isolates follow within the time they hold a principal. */
export function forgetGrant(grantId: string): void {
  for (const [key, { principal }] of known) if (principal.grantId === grantId) known.delete(key)
}

/** The same for one access token, by its hash. */
export function forgetToken(resource: string, hash: string): void {
  known.delete(keyOf(resource, hash))
}

async function findCaller(
  { store, server, urls, addresses }: ServerRequest,
  token: string,
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
): Promise<GrantedPrincipal | undefined> {
  if (!/^[\w-]{1,64}:[\w-]{1,64}:[\w-]{1,128}$/.test(token)) return undefined // nothing we issue looks like that
  const hash = await sha256(token)
  const key = keyOf(urls.resource, hash)
  const now = Date.now()
  const kept = known.get(key)
  if (kept && now < kept.until) return kept.principal
  known.delete(key)

  const audience = {
    issuers: urls.form === 'path' ? [urls.issuer, rootUrls(addresses).issuer] : [urls.issuer],
    tenantId: server.tenantId,
    serverId: server.id,
    resource: urls.resource,
    dashboardClientId: dashboardClientId(addresses.origin),
  }
  const principal = await findPrincipal(store, audience, hash, new Date(now))
  if (principal) {
    noteUse(server.tenantId, principal.grantId, env, ctx)
    known.set(key, { principal, until: Math.min(now + KNOWN_FOR, principal.expiresAt) })
    const [oldest] = known.keys()
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest)
  }
  return principal
}

function keyOf(resource: string, hash: string): string {
  return `${hash} ${resource}`
}
