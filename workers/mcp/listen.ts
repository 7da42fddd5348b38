import type { JsonRpcRequest } from '../../protocol/mcp/json-rpc.ts'
import { supportedFilter } from '../../protocol/mcp/subscription.ts'
import type { VersionReference } from '../../store/servers/servers.ts'
import { findSurface } from '../../store/servers/versions.ts'
import type { BearerRequest } from '../request.ts'
import { subscriberOf } from './subscriber.ts'

/**
 * Opens a `subscriptions/listen` stream at the hosted server's hub, which receives the changes of
 * every isolate.
 */
export async function listen(request: BearerRequest, message: JsonRpcRequest, version: VersionReference): Promise<Response> {
  const { server, store } = request
  const surface = await findSurface(store, { tenantId: server.tenantId, versionId: version.id })
  const filter = supportedFilter(message, surface?.capabilities ?? {})
  const hub = request.env.SUBSCRIPTION_HUB.getByName(server.id)
  return hub.listen(message.id, filter, subscriberOf(request), server.tenantId)
}
