import { deleteGrant, type EndedGrant, type GrantOwner } from '../../store/grants.ts'
import type { Store } from '../../store/index.ts'
import { forgetGrant } from '../gates/bearer.ts'

/**
 * Ends a grant: its tokens are gone when this returns, its open streams are closed soon after. False where there is none or it is not this owner's,
 * which look alike.
 */
export async function endGrant(
  store: Store,
  owner: GrantOwner,
  grantId: string,
  env: Env,
  ctx: Pick<ExecutionContext, 'waitUntil'>,
): Promise<boolean> {
  const ended = await deleteGrant(store, owner, grantId)
  if (ended) tellGrantEnded(ended, env, ctx)
  return ended !== undefined
}

export function tellGrantEnded(grant: EndedGrant, env: Env, ctx: Pick<ExecutionContext, 'waitUntil'>): void {
  tellGrantsEnded([grant], env, ctx)
}

/** After the rows are gone. A hub that cannot be reached loses nothing: a stream of an ended grant ends with its token at the latest. */
export function tellGrantsEnded(grants: EndedGrant[], env: Env, ctx: Pick<ExecutionContext, 'waitUntil'>): void {
  for (const { id } of grants) forgetGrant(id)
  for (const [serverId, ofServer] of Map.groupBy(grants, (grant) => grant.serverId)) {
    ctx.waitUntil(
      env.SUBSCRIPTION_HUB.getByName(serverId)
        .endGrants(ofServer.map(({ id }) => id))
        .catch((error: unknown) => console.error(JSON.stringify({ event: 'hub-unreachable', serverId, error: String(error) }))),
    )
  }
}
