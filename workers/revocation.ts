import { leftTools } from '../protocol/oauth/consent-offer.ts'
import { dashboardClientId } from '../protocol/oauth/dashboard-client.ts'
import type { EndedGrant } from '../store/ended-grants.ts'
import { deleteGrant, findExcludedGrants, type GrantOwner, type GrantSummary } from '../store/grants/grants.ts'
import { findExcludedMachines } from '../store/machines/machine-grants.ts'
import { forgetGrant } from './callers.ts'
import type { AppRequest, TenantServerRequest } from './request.ts'

/** The part of a request needed to close streams. */
type Lifetime = Pick<AppRequest, 'env' | 'waitUntil'>

/**
 * Ends a grant with all tokens, and closes open streams soon after. Returns false if the owner has
 * no such grant.
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

/** Closes the streams of every grant no longer allowed by the new settings or decisions. */
export async function closeRevokedStreams(request: Lifetime & Pick<TenantServerRequest, 'store' | 'server' | 'addresses'>): Promise<void> {
  const { store, server, addresses } = request
  const found = [
    findExcludedGrants(store, { ...server.key, dashboardClientId: dashboardClientId(addresses.origin) }),
    findExcludedMachines(store, server.key),
  ]
  closeGrantStreams(request, (await Promise.all(found)).flat())
}

/**
 * Closes the streams of ended grants, after the rows are deleted. Streams at an unreachable hub end
 * with their tokens at the latest.
 */
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

/**
 * Applies a changed grant to open streams, after the row is stored. Streams receive list-changed
 * notifications, and calls of removed tools stop.
 */
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
