import { leftTools } from '../protocol/oauth/consent-offer.ts'
import { dashboardClientId } from '../protocol/oauth/dashboard-client.ts'
import type { EndedGrant } from '../store/ended-grants.ts'
import { deleteGrant, findExcludedGrants, type GrantOwner, type GrantSummary } from '../store/grants/grants.ts'
import { findExcludedMachines } from '../store/machines/machine-grants.ts'
import { forgetGrant } from './callers.ts'
import type { AppRequest, TenantServerRequest } from './request.ts'

/** Of a request, what closing streams needs. */
type Lifetime = Pick<AppRequest, 'env' | 'waitUntil'>

/**
 * Ends a grant: its tokens are gone when this returns, its open streams are closed soon after. False where there is none or it is not this owner's,
 * which look alike.
 */
export async function revokeGrant(
  request: Lifetime & Pick<AppRequest, 'store'>,
  owner: GrantOwner,
  { grantId, actor }: { grantId: string; actor: string },
): Promise<boolean> {
  const ended = await deleteGrant(request.store, owner, grantId, actor)
  if (ended) closeGrantStreams(request, [ended])
  return ended !== undefined
}

/** A hosted server's settings, or its decisions about apps, have changed: whom they let in no more has its streams closed. */
export async function closeRevokedStreams(request: Lifetime & Pick<TenantServerRequest, 'store' | 'server' | 'addresses'>): Promise<void> {
  const { store, server, addresses } = request
  const found = [
    findExcludedGrants(store, { ...server.key, dashboardClientId: dashboardClientId(addresses.origin) }),
    findExcludedMachines(store, server.key),
  ]
  closeGrantStreams(request, (await Promise.all(found)).flat())
}

/** After the rows are gone. A hub that cannot be reached loses nothing: a stream of an ended grant ends with its token at the latest. */
export function closeGrantStreams({ env, waitUntil }: Lifetime, grants: EndedGrant[]): void {
  for (const { id } of grants) forgetGrant(id)
  for (const [serverId, ofServer] of Map.groupBy(grants, (grant) => grant.serverId)) {
    waitUntil(
      env.SUBSCRIPTION_HUB.getByName(serverId)
        .endGrants(ofServer.map(({ id }) => id))
        .catch((error: unknown) => hubUnreachable(serverId, error)),
    )
  }
}

/** After the row is changed: streams under the grant hear that their lists have, and calls of what was taken away stop. */
export function updateGrantStreams(
  { env, waitUntil }: Lifetime,
  { id, serverId, scopes, tools, toolLimit }: Pick<GrantSummary, 'id' | 'serverId' | 'scopes' | 'tools' | 'toolLimit'>,
): void {
  forgetGrant(id)
  waitUntil(
    env.SUBSCRIPTION_HUB.getByName(serverId)
      .changeGrant(id, { scopes, tools: leftTools(tools, toolLimit) })
      .catch((error: unknown) => hubUnreachable(serverId, error)),
  )
}

function hubUnreachable(serverId: string, error: unknown): void {
  console.error(JSON.stringify({ event: 'hub-unreachable', serverId, error: String(error) }))
}
