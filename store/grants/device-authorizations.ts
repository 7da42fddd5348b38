import type { BatchItem } from 'drizzle-orm/batch'
import { and, count, eq, gt, isNull, ne, sql } from 'drizzle-orm'
import { POLL_SECONDS } from '../../protocol/oauth/device-authorization.ts'
import { guard, isThere, tryCommit } from '../guard.ts'
import type { Store } from '../index.ts'
import { deviceAuthorizations } from '../schema/grants.ts'
import { hostedServers } from '../schema/servers.ts'
import { tenants } from '../schema/tenants.ts'
import type { TokenRealm } from './tokens.ts'

export type DeviceAuthorization = typeof deviceAuthorizations.$inferSelect

/**
 * Limits of requests that wait, at a hosted server. A request beyond a limit is refused. Ending
 * older requests would let strangers end the requests of users, because client ids are public.
 */
const MAX_OF_NETWORK = 50
const MAX_OF_SERVER = 1000

/** Inserts a request. Returns false if a limit is reached, or the user code is in use. */
export async function addDeviceAuthorization(
  store: Store,
  row: typeof deviceAuthorizations.$inferInsert & { network: string },
  now: Date,
): Promise<boolean> {
  const { tenantId, serverId, expiresAt, state } = deviceAuthorizations
  const waiting = and(eq(tenantId, row.tenantId), eq(serverId, row.serverId), gt(expiresAt, now), ne(state, 'denied'))
  const ofNetwork = and(waiting, eq(deviceAuthorizations.network, row.network))
  const numberOf = (among: typeof waiting) => store.select({ n: count() }).from(deviceAuthorizations).where(among)
  return tryCommit(store, [
    guard(store, sql`${numberOf(ofNetwork)} < ${MAX_OF_NETWORK} AND ${numberOf(waiting)} < ${MAX_OF_SERVER}`),
    store.insert(deviceAuthorizations).values(row),
  ])
}

/** Returns the request of a user code, if it still waits for a decision. */
export async function findByUserCode(
  store: Store,
  userCodeHash: string,
  now: Date,
): Promise<{ authorization: DeviceAuthorization; tenant: string; server: string } | undefined> {
  const [row] = await store
    .select({ authorization: deviceAuthorizations, tenant: tenants.slug, server: hostedServers.slug })
    .from(deviceAuthorizations)
    .innerJoin(hostedServers, eq(hostedServers.id, deviceAuthorizations.serverId))
    .innerJoin(tenants, and(eq(tenants.id, deviceAuthorizations.tenantId), isNull(tenants.suspendedAt)))
    .where(
      and(
        eq(deviceAuthorizations.userCodeHash, userCodeHash),
        eq(deviceAuthorizations.state, 'waiting'),
        gt(deviceAuthorizations.expiresAt, now),
      ),
    )
  return row
}

export interface Polled {
  authorization: DeviceAuthorization
  /**
   * True if the poll came before the interval had passed. The interval is then increased (RFC 8628
   * §3.5).
   */
  tooSoon: boolean
}

/**
 * Records a poll of a device and returns the request. Undefined if the code is unknown or belongs
 * to a different client.
 */
export async function pollDeviceAuthorization(
  store: Store,
  realm: TokenRealm,
  { clientId, deviceCodeHash }: { clientId: string; deviceCodeHash: string },
  now: Date,
): Promise<Polled | undefined> {
  const at = and(atCode(realm, deviceCodeHash), eq(deviceAuthorizations.clientId, clientId))
  const [authorization] = await store.select().from(deviceAuthorizations).where(at)
  if (!authorization) return undefined
  const { state, expiresAt, polledAt, interval } = authorization
  if (state !== 'waiting' || expiresAt <= now) return { authorization, tooSoon: false }
  // one second of tolerance, because network delays vary
  const tooSoon = polledAt !== null && now.getTime() - polledAt.getTime() < (interval - 1) * 1000
  const pace = { polledAt: now, interval: tooSoon ? interval + POLL_SECONDS : interval }
  const seen = polledAt === null ? isNull(deviceAuthorizations.polledAt) : eq(deviceAuthorizations.polledAt, polledAt)
  const [noted] = await store
    .update(deviceAuthorizations)
    .set(pace)
    .where(and(at, seen))
    .returning({ interval: deviceAuthorizations.interval })
  // a concurrent poll was recorded between the two statements
  return { authorization, tooSoon: tooSoon || noted === undefined }
}

/**
 * Guards, for the batch that stores a decision, that the request has neither a decision nor
 * expired.
 */
export function stillWaiting(store: Store, realm: TokenRealm, deviceCodeHash: string, now: Date): BatchItem<'sqlite'> {
  const at = and(atCode(realm, deviceCodeHash), eq(deviceAuthorizations.state, 'waiting'), gt(deviceAuthorizations.expiresAt, now))
  return isThere(store, deviceAuthorizations, at)
}

export function decideStatement(
  store: Store,
  realm: TokenRealm,
  deviceCodeHash: string,
  decision: { state: 'denied' } | { state: 'approved'; sealedCode: string; userId: string },
): BatchItem<'sqlite'> {
  return store.update(deviceAuthorizations).set(decision).where(atCode(realm, deviceCodeHash))
}

/**
 * Guard and write for the batch that issues the tokens of a device. The device code is deleted, so
 * that it works once.
 */
export function takeStatements(
  store: Store,
  realm: TokenRealm,
  deviceCodeHash: string,
): { guards: BatchItem<'sqlite'>[]; writes: BatchItem<'sqlite'>[] } {
  const at = atCode(realm, deviceCodeHash)
  return {
    guards: [isThere(store, deviceAuthorizations, at)],
    writes: [store.delete(deviceAuthorizations).where(at)],
  }
}

function atCode({ issuer, tenantId }: TokenRealm, deviceCodeHash: string) {
  return and(
    eq(deviceAuthorizations.issuer, issuer),
    eq(deviceAuthorizations.tenantId, tenantId),
    eq(deviceAuthorizations.deviceCodeHash, deviceCodeHash),
  )
}
