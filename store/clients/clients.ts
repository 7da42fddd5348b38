import type { BatchItem } from 'drizzle-orm/batch'
import { and, desc, eq, inArray, isNull, lte, or, sql } from 'drizzle-orm'
import type { PublicKeys } from '../../protocol/oauth/json-web-keys.ts'
import { orConflict } from '../guard.ts'
import type { Store } from '../index.ts'
import { isLive } from '../not-expired.ts'
import { NO_LIMIT, olderThan, type PageRequest } from '../paging.ts'
import { clients } from '../schema/clients.ts'
import { grants } from '../schema/grants.ts'
import { ofServer, type ServerKey } from '../server-key.ts'

/** Where clients are looked for: what registered at this issuer, and what the tenant made by hand. The root issuer has no tenant. */
export interface ClientRealm {
  issuer: string
  tenantId: string | null
}

/** An agentic app as the authorization server sees it, however it came to be known. */
export interface Client {
  /** With `clientId`, its row in our table; absent for a client known by its document. */
  issuer?: string
  clientId: string
  /** Where it registered; null for one made by hand, which belongs to the tenant. */
  serverId: string | null
  name: string | null
  redirectUris: string[]
  grantTypes: string[]
  responseTypes: string[]
  tokenEndpointAuthMethod: string
  /** SHA-256 of its secret, hex; null for a client without one. */
  secretHash: string | null
  /** The one before, as long as both are good. */
  previousSecretHash?: string | null
  previousSecretExpiresAt?: Date | null
  /** What it signs assertions with, where it authenticates by private_key_jwt. */
  keys: PublicKeys | null
  /** Of a client document: changes with what a person is shown of it. Absent for a client in our table. */
  documentHash?: string
  /** The platform's own page, known without being asked about itself. */
  isDashboard?: true
}

const UNUSED_LIFE_SECONDS = 24 * 3600
export const USED_LIFE_SECONDS = 90 * 24 * 3600
/** Unused dynamic clients kept at one issuer; beyond it the oldest go before their day is over. */
const MAX_UNUSED = 1000

/** In place of an issuer, for a client that a tenant made by hand: it is known at each of the tenant's servers. */
export function tenantIssuer(tenantId: string): string {
  return `tenant:${tenantId}`
}

const realmOf = ({ issuer, tenantId }: ClientRealm) =>
  tenantId === null
    ? and(eq(clients.issuer, issuer), isNull(clients.tenantId))
    : and(inArray(clients.issuer, [issuer, tenantIssuer(tenantId)]), eq(clients.tenantId, tenantId))

/** A client of another issuer is unknown here. */
export async function findClient(store: Store, realm: ClientRealm, clientId: string, now: Date): Promise<Client | undefined> {
  const [row] = await store
    .select()
    .from(clients)
    .where(and(realmOf(realm), eq(clients.clientId, clientId), isLive(clients, now)))
  return row
}

export type NewClient = Omit<typeof clients.$inferInsert, 'expiresAt' | 'createdAt' | 'lastUsedAt'>

/** The client that registered this very metadata at this issuer before. */
export async function findRegistration(store: Store, realm: ClientRealm, metadataHash: string) {
  const [row] = await store
    .select()
    .from(clients)
    .where(and(realmOf(realm), eq(clients.issuer, realm.issuer), eq(clients.metadataHash, metadataHash)))
  return row
}

/**
 * Adds a dynamic client for a day, or renews the one with the same `metadataHash`: two that race get the same client. `more` goes into the same batch;
 * what it refuses is a Conflict.
 */
export async function registerClient(store: Store, client: NewClient, now: Date, more: BatchItem<'sqlite'>[] = []) {
  const expiresAt = new Date(now.getTime() + UNUSED_LIFE_SECONDS * 1000)
  const surplus = store
    .select({ clientId: clients.clientId })
    .from(clients)
    // one that stays longer than its day is waited for: a member has let it in, or is to decide
    .where(
      and(eq(clients.issuer, client.issuer), isNull(clients.lastUsedAt), or(isNull(clients.expiresAt), lte(clients.expiresAt, expiresAt))),
    )
    .orderBy(sql`${clients.createdAt} DESC, rowid DESC`)
    .limit(NO_LIMIT)
    .offset(MAX_UNUSED)
  const batch = store.batch([
    store
      .insert(clients)
      .values({ ...client, createdAt: now, expiresAt })
      .onConflictDoUpdate({
        target: [clients.issuer, clients.metadataHash],
        set: { expiresAt: sql`max(${clients.expiresAt}, excluded.expires_at)` },
      })
      .returning(),
    store.delete(clients).where(and(eq(clients.issuer, client.issuer), inArray(clients.clientId, surplus))),
    ...more,
  ])
  const [[row]] = await orConflict(batch)
  if (!row) throw new Error('an insert that returns its row returned none')
  return row
}

/**
 * Part of a token exchange's batch: a dynamic client that is used is kept, counted by the day so that a busy one is not written all the time. Nothing for a
 * client known by its document.
 */
export function keepUsedClient(store: Store, { issuer, clientId }: Pick<Client, 'issuer' | 'clientId'>, now: Date) {
  if (issuer === undefined) return []
  const expiresAt = new Date(now.getTime() + USED_LIFE_SECONDS * 1000)
  const yesterday = new Date(expiresAt.getTime() - UNUSED_LIFE_SECONDS * 1000)
  return [
    store
      .update(clients)
      .set({ lastUsedAt: now, expiresAt: sql`IIF(${clients.expiresAt} IS NULL, NULL, ${Math.floor(expiresAt.getTime() / 1000)})` })
      .where(
        and(
          eq(clients.issuer, issuer),
          eq(clients.clientId, clientId),
          sql`coalesce(${clients.expiresAt}, ${clients.lastUsedAt} + ${USED_LIFE_SECONDS}, 0) < ${Math.floor(yesterday.getTime() / 1000)}`,
        ),
      ),
  ]
}

/** Apps that registered at a hosted server, in either of its forms, newest first: those not yet forgotten, with how many people let each in. */
export async function findRegisteredClients(store: Store, key: ServerKey, now: Date, { before, limit }: PageRequest) {
  const isGranted = and(
    eq(grants.tenantId, key.tenantId),
    eq(grants.issuer, clients.issuer),
    eq(grants.clientId, clients.clientId),
    isLive(grants, now),
  )
  return store
    .select({
      id: clients.clientId,
      name: clients.name,
      applicationType: clients.applicationType,
      grantTypes: clients.grantTypes,
      tokenEndpointAuthMethod: clients.tokenEndpointAuthMethod,
      redirectUris: clients.redirectUris,
      createdAt: clients.createdAt,
      lastUsedAt: clients.lastUsedAt,
      expiresAt: clients.expiresAt,
      people: sql<number>`(SELECT count(DISTINCT ${grants.userId}) FROM ${grants} WHERE ${isGranted})`,
    })
    .from(clients)
    .where(and(ofServer(clients, key), isLive(clients, now), olderThan({ createdAt: clients.createdAt, id: clients.clientId }, before)))
    .orderBy(desc(clients.createdAt), desc(clients.clientId))
    .limit(limit)
}
