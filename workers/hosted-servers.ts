import { notFound } from '../protocol/problem.ts'
import { TenantSuspended } from '../protocol/suspension.ts'
import { serverUrls, type ServerName } from '../protocol/location.ts'
import type { Store } from '../store/index.ts'
import { findHostedServer, type HostedServer } from '../store/servers/servers.ts'
import { findSuspensionOfServer } from '../store/tenants/suspensions.ts'
import { RecentMap } from '../protocol/recent-map.ts'
import type { ServerRequest } from './request.ts'

/** Time to keep a hosted server. A changed setting takes effect everywhere within the same time. */
const KEPT_MS = 10_000
const MAX_KEPT = 2_000

/** Hosted servers by `tenant/server`. */
const kept = new RecentMap<{ server: HostedServer; until: number }>(MAX_KEPT)

/** Returns the hosted server, read from D1 within the last 10 seconds. */
export async function findKnownServer(store: Store, name: ServerName): Promise<HostedServer | undefined> {
  const key = keyOf(name)
  const now = Date.now()
  const known = kept.get(key)
  if (known && now < known.until) return known.server
  kept.delete(key)
  const server = await findHostedServer(store, name)
  if (server) kept.set(key, { server, until: now + KEPT_MS })
  return server
}

/** Drops the kept copy after a change, so that the isolate applies the change at once. */
export function forgetHostedServer(name: ServerName): void {
  kept.delete(keyOf(name))
}

/**
 * Puts a hosted server on the request, with URLs of the form of the request. Throws if the server
 * is not found.
 */
export async function setHostedServer(request: ServerRequest, server: HostedServer | undefined): Promise<void> {
  if (!server) throw await whyMissing(request)
  request.server = server
  request.urls = serverUrls(server, request.location.form, request.addresses)
}

/**
 * Returns the error for a hosted server that was not found: the reason of the operator if the
 * tenant is suspended, or 404 alike for unknown and deleted servers.
 */
async function whyMissing(request: ServerRequest): Promise<Error> {
  const { tenant = '', server = '' } = request.params
  const suspended = await findSuspensionOfServer(request.store, { tenant, server })
  return suspended === undefined ? notFound() : new TenantSuspended(suspended)
}

function keyOf({ tenant, server }: ServerName): string {
  return `${tenant}/${server}`
}
