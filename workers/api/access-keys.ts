import { ACCESS_KEY_FIELDS } from '../../protocol/api/field-roles.ts'
import type { Page } from '../../protocol/api/fields.ts'
import { createAccessKey as createSchema, type AccessKeyBody } from '../../protocol/api/machines.ts'
import { notFound, Problem } from '../../protocol/problem.ts'
import { newId, randomToken, sha256 } from '../../protocol/random.ts'
import {
  addAccessKey,
  removeAccessKey,
  findAccessKey,
  findAccessKeys,
  type AccessKey,
  MAX_ACCESS_KEYS,
} from '../../store/machines/access-keys.ts'
import { tenantIssuer } from '../../store/clients/clients.ts'
import { isAtLeast } from '../../store/tenants/members.ts'
import { findTenantClient } from '../../store/clients/tenant-clients.ts'
import { closeGrantStreams } from '../revocation.ts'
import { created, deleted, ok } from './replies.ts'
import { fieldProblem, readJson } from './body.ts'
import { mustWrite } from './field-roles.ts'
import { storeWithReply } from './idempotent.ts'
import type { Handler, TenantServerRequest } from '../request.ts'

export const listAccessKeys: Handler<TenantServerRequest> = async ({ store, server }) => {
  const found = await findAccessKeys(store, server.key, new Date())
  return ok({ items: found.map(keyBody) } satisfies Page<AccessKeyBody>)
}

/** Creates an access key. Only this reply contains the key. */
export const createAccessKey: Handler<TenantServerRequest> = async (request) => {
  const { server, user } = request
  const asked = await readJson(request, createSchema)
  mustWrite(request.tenant, ACCESS_KEY_FIELDS, asked)
  const { name, clientId, scopes, tools, expiresInDays } = asked
  const key = `wharf_key_${randomToken(32)}`
  const now = new Date()
  const row = {
    id: newId(),
    keyHash: await sha256(key),
    lastFour: key.slice(-4),
    name,
    ...server.key,
    ...(await holderOf(request, clientId)),
    scopes,
    tools,
    createdBy: user.id,
    createdAt: now,
    lastUsedAt: null,
    expiresAt: new Date(now.getTime() + expiresInDays * 24 * 3600_000),
  }
  const reply = created({ ...keyBody(row), key } satisfies AccessKeyBody)
  if (!(await addAccessKey(await storeWithReply(request, reply), row, now)))
    throw new Problem(409, 'Limit reached', `This server has ${MAX_ACCESS_KEYS} access keys, which is the limit. Delete a key first.`)
  return reply
}

/**
 * Returns the identity that a new key acts as: the user who creates it, or a client if an admin
 * names one.
 */
async function holderOf({ store, tenant, user, personalToken }: TenantServerRequest, clientId: string | undefined) {
  if (clientId === undefined) {
    // a token limited to one tenant must not create a credential of the user
    if (personalToken)
      throw new Problem(403, 'Not allowed', 'A personal API token cannot create access keys that act for you. Sign in with a browser.')
    return { userId: user.id, clientIssuer: null, clientId: null }
  }
  if (!(await findTenantClient(store, tenant.id, clientId))) throw fieldProblem('/clientId', 'is not a client that this tenant created')
  return { userId: null, clientIssuer: tenantIssuer(tenant.id), clientId }
}

/**
 * Deletes a key of the user. An admin can delete the key of any member. The key stops at once, and
 * its streams close.
 */
export const deleteAccessKey: Handler<TenantServerRequest> = async (request) => {
  const { store, tenant, server, user, params } = request
  const key = await findAccessKey(store, server.key, params['id'] ?? '', new Date())
  if (!key) throw notFound()
  if (key.userId !== user.id && !isAtLeast(tenant.role, 'admin'))
    throw new Problem(
      403,
      'Not allowed',
      `Deleting a key of a different member requires the role admin in ${tenant.slug}; your role is ${tenant.role}.`,
    )
  if (!(await removeAccessKey(store, server.key, key.id, user.id))) throw notFound()
  closeGrantStreams(request, [{ id: key.id, serverId: server.id }])
  return deleted()
}

function keyBody(key: AccessKey): AccessKeyBody {
  const { id, name, lastFour, userId, clientId, scopes, tools, createdBy } = key
  return {
    id,
    name,
    lastFour,
    userId,
    clientId,
    scopes,
    tools,
    createdBy,
    createdAt: key.createdAt.toISOString(),
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    expiresAt: key.expiresAt.toISOString(),
  }
}
