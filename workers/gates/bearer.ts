import { dashboardClientId } from '../../protocol/oauth/dashboard-client.ts'
import { authorizationNeeded, challengeScopes, insufficientScope, invalidToken, type Challenge } from '../../protocol/oauth/challenge.ts'
import { rootUrls } from '../../protocol/location.ts'
import { covers } from '../../protocol/oauth/scope.ts'
import { ANONYMOUS, type GrantedPrincipal, type Principal } from '../../protocol/principal.ts'
import { sha256 } from '../../protocol/random.ts'
import { ACCESS_KEY, findKeyPrincipal, touchAccessKey } from '../../store/machines/access-keys.ts'
import type { Store } from '../../store/index.ts'
import { findMachinePrincipal, MACHINE_TOKEN, TOUCHED_SECONDS, touchMachineGrant } from '../../store/machines/machine-tokens.ts'
import { findHostedServer } from '../../store/servers/servers.ts'
import { findPrincipal, type Audience } from '../../store/grants/tokens.ts'
import { findSurface } from '../../store/servers/versions.ts'
import { noteUse } from './grant-use.ts'
import type { BearerRequest, Gate, ServerRequest } from '../request.ts'

/** How long an isolate goes on with what it knows of a token: the promise is that ending a grant works within this. */
const KNOWN_FOR = 10_000
const MAX_KNOWN = 5_000

/** Token hash and resource -> principal, oldest first. */
const known = new Map<string, { principal: GrantedPrincipal; until: number }>()

interface Found {
  principal: GrantedPrincipal
  /** Where its own row says so. */
  lastUsedAt?: Date | null
}

/** How a token looks says in which table it is, if anywhere: an access key is good at this endpoint alone. */
const KINDS: {
  format: RegExp
  find(store: Store, audience: Audience, hash: string, now: Date): Promise<Found | undefined>
  /** Writes that it is used; absent for a user's grant, whose uses are gathered ({@link noteUse}). */
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

/**
 * The token is live and was made for exactly this resource, else 401; it covers `mcp:read`, without which nothing may be done here, else 403. At a
 * `public` server a request without a token is anonymous. Tokens are taken from the Authorization header alone.
 */
export const withBearer: Gate<BearerRequest> = async (request) => {
  const authorization = request.headers.get('Authorization')
  if (authorization === null && request.server.access === 'public') {
    request.principal = ANONYMOUS
    return
  }
  const token = presentedToken(authorization)
  if (token === undefined) throw authorizationNeeded(await challengeOf(request))
  const principal = await findCaller(request, token)
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

/**
 * Who the caller of a request that is under way is now, looked up anew; undefined where nobody is let in any more by what it came with. A token that has expired
 * meanwhile was good when the request came.
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

function presentedToken(authorization: string | null): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
}

async function findCaller(request: ServerRequest, token: string): Promise<GrantedPrincipal | undefined> {
  const { store, server, urls } = request
  const kind = KINDS.find(({ format }) => format.test(token))
  if (!kind) return undefined // nothing we issue looks like that
  const hash = await sha256(token)
  const key = keyOf(urls.resource, hash)
  const now = Date.now()
  const kept = known.get(key)
  if (kept && now < kept.until) return kept.principal
  known.delete(key)

  const found = await kind.find(store, audienceOf(request), hash, new Date(now))
  if (!found) return undefined
  const { principal, lastUsedAt } = found
  known.set(key, { principal, until: Math.min(now + KNOWN_FOR, principal.expiresAt) })
  const [oldest] = known.keys()
  if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest)
  if (!kind.touch) noteUse(request, server.tenantId, principal.grantId)
  // behind the response, and only where the row itself was just read and says it is time
  else if (now - (lastUsedAt?.getTime() ?? 0) > TOUCHED_SECONDS * 1000) {
    request.waitUntil(kind.touch(store, server.tenantId, principal.grantId, new Date(now)))
  }
  return principal
}

function audienceOf({ server, urls, addresses }: ServerRequest): Audience {
  return {
    issuers: urls.form === 'path' ? [urls.issuer, rootUrls(addresses).issuer] : [urls.issuer],
    ...server.key,
    resource: urls.resource,
    dashboardClientId: dashboardClientId(addresses.origin),
  }
}

function keyOf(resource: string, hash: string): string {
  return `${hash} ${resource}`
}
