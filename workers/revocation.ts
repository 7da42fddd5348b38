import { leftTools } from '../protocol/oauth/consent-offer.ts'
import { dashboardClientId } from '../protocol/oauth/dashboard-client.ts'
import type { EndedGrant } from '../store/ended-grants.ts'
import { deleteGrant, findExcludedGrants, type GrantOwner, type GrantSummary } from '../store/grants/grants.ts'
import type { Store } from '../store/index.ts'
import { findExcludedMachines } from '../store/machines/machine-grants.ts'
import { forgetGrant } from './gates/bearer.ts'
import type { TenantServerRequest } from './gates/tenant.ts'

/**
 * Ends a grant: its tokens are gone when this returns, its open streams are closed soon after. False where there is none or it is not this owner's,
 * which look alike.
 */
export async function endGrant(
  store: Store,
  owner: GrantOwner,
  { grantId, actor }: { grantId: string; actor: string },
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
): Promise<boolean> {
  const ended = await deleteGrant(store, owner, grantId, actor)
  if (ended) closeGrantStreams([ended], env, ctx)
  return ended !== undefined
}

/** A hosted server's settings, or its decisions about apps, have changed: whom they let in no more has its streams closed. */
export async function closeRevokedStreams(
  { store, server, addresses }: Pick<TenantServerRequest, 'store' | 'server' | 'addresses'>,
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
): Promise<void> {
  const found = [
    findExcludedGrants(store, { ...server.key, dashboardClientId: dashboardClientId(addresses.origin) }),
    findExcludedMachines(store, server.key),
  ]
  closeGrantStreams((await Promise.all(found)).flat(), env, ctx)
}

/** After the rows are gone. A hub that cannot be reached loses nothing: a stream of an ended grant ends with its token at the latest. */
export function closeGrantStreams(grants: EndedGrant[], env: Env, ctx: Pick<ExecutionContext, 'waitUntil'>): void {
  for (const { id } of grants) forgetGrant(id)
  for (const [serverId, ofServer] of Map.groupBy(grants, (grant) => grant.serverId)) {
    ctx.waitUntil(
      env.SUBSCRIPTION_HUB.getByName(serverId)
        .endGrants(ofServer.map(({ id }) => id))
        .catch((error: unknown) => hubUnreachable(serverId, error)),
    )
  }
}

/** After the row is changed: streams under the grant hear that their lists have, and calls of what was taken away stop. */
export function updateGrantStreams(
  { id, serverId, scopes, tools, toolLimit }: Pick<GrantSummary, 'id' | 'serverId' | 'scopes' | 'tools' | 'toolLimit'>,
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
): void {
  forgetGrant(id)
  ctx.waitUntil(
    env.SUBSCRIPTION_HUB.getByName(serverId)
      .changeGrant(id, { scopes, tools: leftTools(tools, toolLimit) })
      .catch((error: unknown) => hubUnreachable(serverId, error)),
  )
}

function hubUnreachable(serverId: string, error: unknown): void {
  console.error(JSON.stringify({ event: 'hub-unreachable', serverId, error: String(error) }))
}
