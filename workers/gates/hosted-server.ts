import { serverUrls } from '../../protocol/location.ts'
import { notFound } from '../../protocol/problem.ts'
import { findHostedServer } from '../../store/servers.ts'
import type { Gate, ServerRequest } from '../request.ts'

/** Slugs -> hosted server, else 404: unknown, deleted and suspended look alike. */
export const withHostedServer: Gate<ServerRequest> = async (request) => {
  const { tenant, server } = request.params as { tenant: string; server: string }
  const found = await findHostedServer(request.store, { tenant, server })
  if (!found) throw notFound()
  request.server = found
  request.urls = serverUrls(found, request.location.form, request.addresses)
}
