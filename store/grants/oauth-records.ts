import type { BatchItem } from 'drizzle-orm/batch'
import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import {
  codeExpiresAt,
  engineClient,
  engineGrant,
  engineToken,
  matchesConsent,
  withoutExpiredCode,
  withoutPreviousRefreshToken,
  type EngineGrant,
} from '../../protocol/oauth/engine-records.ts'
import { isScope } from '../../protocol/oauth/scope.ts'
import { useAssertionId } from '../clients/assertion-ids.ts'
import { auditStatement } from '../audit.ts'
import { keepUsedClient, type Client } from '../clients/clients.ts'
import { endedGrant, endedGrants, type EndedGrant } from '../ended-grants.ts'
import { endSurplusGrants } from './grants.ts'
import { commit, guard, isThere } from '../guard.ts'
import type { Store } from '../index.ts'
import { isLive } from '../not-expired.ts'
import { firstRefreshToken, rotateRefreshToken, trimFamily } from './refresh-tokens.ts'
import { grants, oauthTransactions, tokens } from '../schema/grants.ts'
import type { ServerKey } from '../server-key.ts'
import { endSurplusTokens, type TokenRealm } from './tokens.ts'

const MAX_TOKENS = 20

interface Expiry {
  expirationTtl?: number
  expiration?: number
}

interface Page {
  keys: { name: string }[]
  list_complete: true
}

/** Whose records these are: no key of another issuer can be named. */
export interface RecordOwner extends TokenRealm, ServerKey {}

/**
 * One request's unit of work under workers-oauth-provider, in the shape of the KV namespace it keeps its records in. Reads remember row versions;
 * writes wait for {@link OAuthRecords.commit}, which makes them one guarded batch: all of a step is stored, or, where another request was first,
 * nothing and a Conflict is thrown. The keys' prefixes are tables; each row carries the issuer.
 */
export class OAuthRecords {
  readonly #store: Store
  readonly #owner: RecordOwner
  #client: Client | undefined
  readonly #now: Date
  readonly #grantsRead = new Map<string, { rowVersion: number; refreshTokenId: string | undefined }>()
  /** What was written in this unit, for reads after it; null = deleted. */
  readonly #written = new Map<string, string | null>()
  readonly #guards: BatchItem<'sqlite'>[] = []
  readonly #writes: BatchItem<'sqlite'>[] = []
  /** Statements of `#writes` that return the grants they ended. */
  readonly #ending = new Set<BatchItem<'sqlite'>>()
  #rotation: { write: (sealedAnswer: string) => BatchItem<'sqlite'>[] } | undefined

  constructor(store: Store, owner: RecordOwner, now: Date) {
    this.#store = store
    this.#owner = owner
    this.#now = now
  }

  /** The client this request has resolved; the engine hears of no other, so that what was checked and what is used are the same. */
  introduce(client: Client): void {
    this.#client = client
  }

  /** What must be stored with the rest or not at all: guards are asked before anything is written. */
  join({ guards = [], writes = [] }: { guards?: BatchItem<'sqlite'>[]; writes?: BatchItem<'sqlite'>[] }): void {
    this.#guards.push(...guards)
    this.#writes.push(...writes)
  }

  async get(key: string, options?: { type?: string }): Promise<unknown> {
    const written = this.#written.get(key)
    const text = written === undefined ? await this.#read(key) : written
    return text !== null && options?.type === 'json' ? JSON.parse(text) : text
  }

  async put(key: string, value: string, options: Expiry = {}): Promise<void> {
    const [kind, ...ids] = key.split(':')
    if (kind === 'grant') this.#putGrant(key, engineGrant.parse(JSON.parse(value)), options)
    else if (kind === 'token') this.#putToken(value, this.#expiry(options))
    else if (kind === 'transaction') this.#putTransaction(ids[0] ?? '', value, this.#expiry(options))
    else if (!isAssertion(kind)) throw new Error(`the engine must not write ${kind} records`) // an assertion's id was stored by get()
    this.#written.set(key, value)
  }

  async delete(key: string): Promise<void> {
    const [kind, ...ids] = key.split(':')
    if (kind === 'grant') this.#deleteGrant(ids)
    else if (kind === 'token') this.#writes.push(this.#store.delete(tokens).where(this.#tokenAt(ids)))
    else if (kind === 'transaction') this.#deleteTransaction(ids[0] ?? '')
    else throw new Error(`the engine must not delete ${kind} records`)
    this.#written.set(key, null)
  }

  /** A user's grants and a grant's tokens; both are capped, so there is one page. */
  async list({ prefix }: { prefix: string }): Promise<Page> {
    const [kind, userId = '', grantId = ''] = prefix.split(':')
    if (kind === 'grant' && userId) {
      const rows = await this.#store
        .select({ id: grants.id })
        .from(grants)
        .where(
          and(
            eq(grants.issuer, this.#owner.issuer),
            eq(grants.tenantId, this.#owner.tenantId),
            eq(grants.userId, userId),
            isNull(grants.identityLinkId),
            isLive(grants, this.#now),
          ),
        )
      return { keys: rows.map(({ id }) => ({ name: `${prefix}${id}` })), list_complete: true }
    }
    if (kind === 'token' && userId && grantId) {
      const rows = await this.#store
        .select({ hash: tokens.hash })
        .from(tokens)
        .where(this.#tokenAt([userId, grantId]))
      return { keys: rows.map(({ hash }) => ({ name: `${prefix}${hash}` })), list_complete: true }
    }
    throw new Error(`the engine must not list ${prefix}`)
  }

  /** True where this unit gives out a refresh token in place of another; {@link commit} then wants the answer, sealed, for the client's retry. */
  get rotates(): boolean {
    return this.#rotation !== undefined
  }

  /** Stores it all or throws Conflict. Answers the grants that ended by it, whose streams somebody must close. */
  async commit(sealedAnswer?: string): Promise<EndedGrant[]> {
    const writes = [...this.#writes]
    if (this.#rotation) {
      if (sealedAnswer === undefined) throw new Error('a rotation needs the answer its retry is given')
      writes.push(...this.#rotation.write(sealedAnswer))
    }
    const statements = [...this.#guards, ...writes]
    const results = await commit(this.#store, statements)
    return results.flatMap((rows, index) => {
      const statement = statements[index]
      return statement && this.#ending.has(statement) ? endedGrants.parse(rows) : []
    })
  }

  async #read(key: string): Promise<string | null> {
    const [kind, ...ids] = key.split(':')
    if (kind === 'client') return this.#readClient(key.slice('client:'.length))
    if (kind === 'grant') return this.#readGrant(key, ids)
    if (kind === 'token') return this.#readToken(ids)
    if (kind === 'transaction') return this.#readTransaction(ids[0] ?? '')
    if (isAssertion(kind)) return this.#readAssertion(key)
    throw new Error(`the engine must not read ${kind} records`)
  }

  /** Our own gate authenticates clients, so the engine sees each as public and binds all of them by PKCE. */
  #readClient(clientId: string): string | null {
    const client = this.#client
    if (client?.clientId !== clientId) return null
    return JSON.stringify(engineClient(clientId, client))
  }

  async #readGrant(key: string, [userId = '', id = '']: string[]): Promise<string | null> {
    const [row] = await this.#store
      .select({ record: grants.record, rowVersion: grants.rowVersion, createdAt: grants.createdAt })
      .from(grants)
      .where(and(this.#grantAt(userId, id), isLive(grants, this.#now)))
    if (!row) return null
    const record = engineGrant.parse(JSON.parse(row.record))
    if (this.#client && !matchesConsent(record, this.#client)) return null
    this.#grantsRead.set(key, { rowVersion: row.rowVersion, refreshTokenId: record.refreshTokenId })
    return JSON.stringify(withoutExpiredCode(record, row.createdAt, this.#now))
  }

  #putGrant(key: string, record: EngineGrant, options: Expiry) {
    const read = this.#grantsRead.get(key)
    const text = JSON.stringify(withoutPreviousRefreshToken(record))
    if (!read) return this.#insertGrant(record, text)

    const expiresAt = options.expiration === undefined ? null : new Date(options.expiration * 1000)
    const at = this.#grantAt(record.userId, record.id)
    this.#guards.push(guard(this.#store, sql`(SELECT ${grants.rowVersion} FROM ${grants} WHERE ${at}) = ${read.rowVersion}`))
    this.#writes.push(
      this.#store
        .update(grants)
        .set({ record: text, rowVersion: read.rowVersion + 1, expiresAt, lastUsedAt: this.#now })
        .where(at),
      ...(this.#client ? keepUsedClient(this.#store, this.#client, this.#now) : []),
    )
    const { refreshTokenId, previousRefreshTokenId } = record
    if (refreshTokenId === undefined || refreshTokenId === read.refreshTokenId) return
    const family = { ...this.#owner, userId: record.userId, grantId: record.id, clientId: record.clientId, expiresAt }
    if (previousRefreshTokenId === undefined) {
      this.#writes.push(firstRefreshToken(this.#store, family, refreshTokenId, this.#now))
    } else {
      const rotation = { from: previousRefreshTokenId, to: refreshTokenId }
      this.#rotation = {
        write: (sealedAnswer) => [
          ...rotateRefreshToken(this.#store, family, { ...rotation, sealedAnswer }, this.#now),
          ...trimFamily(this.#store, family),
        ],
      }
    }
  }

  /** A new grant lives as long as its code, until that is exchanged. */
  #insertGrant(record: EngineGrant, text: string) {
    const { serverId, tenantId, issuer } = this.#owner
    const { userId, clientId } = record
    const oldest = endSurplusGrants(this.#store, { tenantId, serverId, userId, clientId }, { actor: userId, now: this.#now })
    this.#ending.add(oldest.ending)
    this.#writes.push(
      this.#store.insert(grants).values({
        issuer,
        tenantId,
        serverId,
        id: record.id,
        userId,
        clientId,
        clientName: record.metadata.clientName,
        scopes: record.scope.filter((scope) => isScope(scope)),
        tools: record.metadata.tools,
        resource: record.resource,
        redirectUri: record.redirectUri,
        record: text,
        createdAt: this.#now,
        expiresAt: codeExpiresAt(record, this.#now),
      }),
      oldest.telling,
      oldest.ending,
    )
  }

  /** The engine does so for one reason: the grant's code came again (RFC 6749 §4.1.2). Of requests that race one ends it, and the tenant reads of it once. */
  #deleteGrant([userId = '', id = '']: string[]) {
    const { tenantId, serverId } = this.#owner
    const at = this.#grantAt(userId, id)
    const ended = this.#store.delete(grants).where(at).returning(endedGrant)
    this.#ending.add(ended)
    this.#guards.push(isThere(this.#store, grants, at))
    this.#writes.push(
      ended,
      auditStatement(this.#store, {
        tenantId,
        serverId,
        actor: `client:${this.#client?.clientId ?? ''}`,
        action: 'grant.code-reused',
        detail: { grantId: id, userId },
      }),
    )
  }

  async #readToken(ids: string[]): Promise<string | null> {
    const [row] = await this.#store
      .select({ record: tokens.record })
      .from(tokens)
      .where(and(this.#tokenAt(ids), gt(tokens.expiresAt, this.#now)))
    return row?.record ?? null
  }

  /** The foreign key wants its grant alive: one that ended meanwhile is a Conflict. */
  #putToken(value: string, expiresAt: Date) {
    const { issuer, tenantId, serverId } = this.#owner
    const { id: hash, grantId, userId, audience, scope } = engineToken.parse(JSON.parse(value))
    this.#writes.push(
      this.#store.insert(tokens).values({
        issuer,
        hash,
        tenantId,
        serverId,
        userId,
        grantId,
        scopes: scope.filter((word) => isScope(word)),
        audience,
        record: value,
        createdAt: this.#now,
        expiresAt,
      }),
      endSurplusTokens(this.#store, { issuer, tenantId, userId, grantId }, MAX_TOKENS),
    )
  }

  async #readTransaction(hash: string): Promise<string | null> {
    const [row] = await this.#store
      .select({ record: oauthTransactions.record })
      .from(oauthTransactions)
      .where(and(this.#transactionAt(hash), gt(oauthTransactions.expiresAt, this.#now)))
    return row?.record ?? null
  }

  #putTransaction(hash: string, record: string, expiresAt: Date) {
    const { issuer, tenantId, serverId } = this.#owner
    this.#writes.push(
      this.#store.insert(oauthTransactions).values({ issuer, hash, tenantId, serverId, record, createdAt: this.#now, expiresAt }),
    )
  }

  /** Single use: the row must still be there when the batch runs. */
  #deleteTransaction(hash: string) {
    const at = this.#transactionAt(hash)
    this.#guards.push(isThere(this.#store, oauthTransactions, at))
    this.#writes.push(this.#store.delete(oauthTransactions).where(at))
  }

  /** Inserted if absent by the read itself, since the engine does not look at what its write came to. */
  async #readAssertion(key: string): Promise<string | null> {
    return (await useAssertionId(this.#store, this.#owner.issuer, key, this.#now)) ? null : '1'
  }

  #expiry({ expiration, expirationTtl }: Expiry): Date {
    if (expiration !== undefined) return new Date(expiration * 1000)
    if (expirationTtl === undefined) throw new Error('this record needs an expiry')
    return new Date(this.#now.getTime() + expirationTtl * 1000)
  }

  /** One that an identity assertion made is none of the engine's: it has no code and no refresh token. */
  #grantAt(userId: string, id: string) {
    const { issuer, tenantId, serverId } = this.#owner
    return and(
      isNull(grants.identityLinkId),
      eq(grants.issuer, issuer),
      eq(grants.userId, userId),
      eq(grants.id, id),
      eq(grants.tenantId, tenantId),
      eq(grants.serverId, serverId),
    )
  }

  #tokenAt([userId = '', grantId = '', hash]: string[]) {
    const { issuer, tenantId } = this.#owner
    const ofGrant = and(eq(tokens.issuer, issuer), eq(tokens.tenantId, tenantId), eq(tokens.userId, userId), eq(tokens.grantId, grantId))
    return hash ? and(ofGrant, eq(tokens.hash, hash)) : ofGrant
  }

  #transactionAt(hash: string) {
    const { issuer, tenantId, serverId } = this.#owner
    return and(
      eq(oauthTransactions.issuer, issuer),
      eq(oauthTransactions.hash, hash),
      eq(oauthTransactions.tenantId, tenantId),
      eq(oauthTransactions.serverId, serverId),
    )
  }
}

function isAssertion(kind: string | undefined): boolean {
  return kind === 'client-assertion-jti' || kind === 'enterprise-jti'
}
