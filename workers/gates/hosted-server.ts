import { serverUrls } from '../../protocol/location.ts'
import { notFound } from '../../protocol/problem.ts'
import { findHostedServer, type HostedServer } from '../../store/servers/servers.ts'
import type { Gate, ServerRequest } from '../request.ts'

/** How long an isolate serves by what it knows of a hosted server: a change of settings takes effect everywhere within this. */
const KNOWN_FOR = 10_000
const MAX_KNOWN = 2_000

/** By `tenant/server`, oldest first. */
const known = new Map<string, { server: HostedServer; until: number }>()

/** Slugs -> hosted server, else 404: unknown, deleted and suspended look alike. */
export const withHostedServer: Gate<ServerRequest> = async (request) => {
  const { tenant, server } = request.params as { tenant: string; server: string }
  const found = await findHostedServer(request.store, { tenant, server })
  if (!found) throw notFound()
  establish(request, found)
}

/** The same, from what this isolate read within the last 10 s: for the MCP endpoint, where a read per call would be felt. */
export const withKnownServer: Gate<ServerRequest> = async (request) => {
  const { tenant, server } = request.params as { tenant: string; server: string }
  const key = `${tenant}/${server}`
  const now = Date.now()
  const kept = known.get(key)
  if (kept && now < kept.until) return establish(request, kept.server)
  known.delete(key)
  const found = await findHostedServer(request.store, { tenant, server })
  if (!found) throw notFound()
  known.set(key, { server: found, until: now + KNOWN_FOR })
  const [oldest] = known.keys()
  if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest)
  establish(request, found)
}

/** A change made here is served here at once; other isolates follow within 10 s. */
export function forgetHostedServer({ tenant, server }: Pick<HostedServer, 'tenant' | 'server'>): void {
  known.delete(`${tenant}/${server}`)
}

function establish(request: ServerRequest, server: HostedServer): void {
  request.server = server
  request.urls = serverUrls(server, request.location.form, request.addresses)
}
