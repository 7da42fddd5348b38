import type { BatchItem } from 'drizzle-orm/batch'
import { and, desc, eq, inArray, isNull, lte, or, sql, type SQL } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { PublicKeys } from '../../protocol/oauth/json-web-keys.ts'
import { orConflict } from '../guard.ts'
import type { Store } from '../index.ts'
import { isLive } from '../not-expired.ts'
import { NO_LIMIT, olderThan, type PageRequest } from '../paging.ts'
import { clients } from '../schema/clients.ts'
import { grants } from '../schema/grants.ts'
import { ofServer, type ServerKey } from '../server-key.ts'

/**
 * Scope of a client lookup: clients registered at the issuer and clients made by hand in the
 * tenant. The root issuer has no tenant.
 */
export interface ClientRealm {
  issuer: string
  tenantId: string | null
}

/**
 * An agentic app as the authorization server sees it: a row of `clients`, a client document or the
 * dashboard.
 */
export interface Client {
  /**
   * Key of the row together with `clientId`; absent for a client identified by a client document.
   */
  issuer?: string
  clientId: string
  /**
   * Hosted server of the registration; null for a client made by hand, because the tenant owns it.
   */
  serverId: string | null
  name: string | null
  redirectUris: string[]
  grantTypes: string[]
  responseTypes: string[]
  tokenEndpointAuthMethod: string
  /** SHA-256 (hex) of the secret; null for a client without a secret. */
  secretHash: string | null
  /** Secret before the last rotation, valid until `previousSecretExpiresAt`. */
  previousSecretHash?: string | null
  previousSecretExpiresAt?: Date | null
  /** Public keys for checking assertions, if the client authenticates by private_key_jwt. */
  keys: PublicKeys | null
  /** Hash of the client document's fields shown at consent; absent for a client in `clients`. */
  documentHash?: string
  /** True for the platform's own dashboard, which is known without a lookup. */
  isDashboard?: true
}

const UNUSED_LIFE_SECONDS = 24 * 3600
export const USED_LIFE_SECONDS = 90 * 24 * 3600
/**
 * Maximum number of unused dynamic clients per issuer. Beyond the limit, the oldest of the network
 * with most of them are deleted before 24 h have passed.
 */
const MAX_UNUSED = 1000

/**
 * Issuer of clients made by hand in the tenant. Such a client is known at every server of the
 * tenant.
 */
export function tenantIssuer(tenantId: string): string {
  return `tenant:${tenantId}`
}

const realmOf = ({ issuer, tenantId }: ClientRealm) =>
  tenantId === null
    ? and(eq(clients.issuer, issuer), isNull(clients.tenantId))
    : and(inArray(clients.issuer, [issuer, tenantIssuer(tenantId)]), eq(clients.tenantId, tenantId))

/**
 * Returns the client if the realm has the client and the client has not expired. A client of a
 * different issuer is not found.
 */
export async function findClient(store: Store, realm: ClientRealm, clientId: string, now: Date): Promise<Client | undefined> {
  const [row] = await store
    .select()
    .from(clients)
    .where(and(realmOf(realm), eq(clients.clientId, clientId), isLive(clients, now)))
  return row
}

export type NewClient = Omit<typeof clients.$inferInsert, 'expiresAt' | 'createdAt' | 'lastUsedAt'>

/** Returns the client already registered at the issuer with equal metadata. */
export async function findRegistration(store: Store, realm: ClientRealm, metadataHash: string) {
  const [row] = await store
    .select()
    .from(clients)
    .where(and(realmOf(realm), eq(clients.issuer, realm.issuer), eq(clients.metadataHash, metadataHash)))
  return row
}

/**
 * Place of a client among the clients of its network, newest first. A limit that several networks
 * share ends the last places first, so a network uses up its own share. A client without a known
 * network is alone.
 */
export function placeInNetwork(time: SQLiteColumn | SQL) {
  const network = sql`coalesce(${clients.registeredFrom}, ${clients.clientId})`
  return sql<number>`row_number() OVER (PARTITION BY ${network} ORDER BY ${time} DESC, ${clients}.rowid DESC)`.as('place')
}

/**
 * Adds a dynamic client for 24 h, or renews the client with the same `metadataHash`, so concurrent
 * registrations get the same client. `more` joins the batch; throws Conflict if a guard in `more`
 * fails.
 */
export async function registerClient(store: Store, client: NewClient, now: Date, more: BatchItem<'sqlite'>[] = []) {
  const expiresAt = new Date(now.getTime() + UNUSED_LIFE_SECONDS * 1000)
  const unused = store
    .select({
      clientId: clients.clientId,
      createdAt: clients.createdAt,
      place: placeInNetwork(clients.createdAt),
    })
    .from(clients)
    // a client with a later expiry is waiting for approval or approved, and is kept
    .where(
      and(eq(clients.issuer, client.issuer), isNull(clients.lastUsedAt), or(isNull(clients.expiresAt), lte(clients.expiresAt, expiresAt))),
    )
    .as('unused')
  const surplus = store
    .select({ clientId: unused.clientId })
    .from(unused)
    .orderBy(sql`${unused.place}`, desc(unused.createdAt))
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
  if (!row) throw new Error('INSERT of a client returned no row')
  return row
}

/**
 * Records the use of a client in the batch of a token exchange, and extends the life of a dynamic
 * client. Writes at most once a day. Returns no statement for a client identified by a client
 * document.
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

/**
 * Lists the live clients registered at a hosted server, under either form of the issuer, newest
 * first. `people` counts the users with a grant to the client.
 */
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
