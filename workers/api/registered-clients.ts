import type { RegisteredClientBody } from '../../protocol/api/clients.ts'
import { findRegisteredClients } from '../../store/clients/clients.ts'
import { ok } from './replies.ts'
import { pageByTime } from './paging.ts'
import type { Handler, TenantServerRequest } from '../request.ts'

/**
 * Lists apps that registered here. Apps identified by a client document are not registered, and
 * appear with their grants instead.
 */
export const listRegisteredClients: Handler<TenantServerRequest> = async (request) => {
  const { store, server } = request
  const now = new Date()
  return ok(
    await pageByTime(
      request,
      (page) => findRegisteredClients(store, server.key, now, page),
      ({ id, createdAt, lastUsedAt, expiresAt, ...rest }): RegisteredClientBody => ({
        clientId: id,
        ...rest,
        createdAt: createdAt.toISOString(),
        lastUsedAt: lastUsedAt?.toISOString() ?? null,
        expiresAt: expiresAt?.toISOString() ?? null,
      }),
    ),
  )
}
