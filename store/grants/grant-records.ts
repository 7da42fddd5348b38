import type { BatchItem } from 'drizzle-orm/batch'
import { and, eq, isNull } from 'drizzle-orm'
import {
  codeExpiresAt,
  engineGrant,
  matchesConsent,
  withoutExpiredCode,
  withoutPreviousRefreshToken,
  withoutUnprovenCode,
  withUsedChallenge,
  type CodeProof,
  type EngineGrant,
} from '../../protocol/oauth/engine-records.ts'
import { isScope } from '../../protocol/oauth/scope.ts'
import { auditStatement } from '../audit.ts'
import { keepUsedClient, type Client } from '../clients/clients.ts'
import { endedGrant } from '../ended-grants.ts'
import { isThere, rowVersionIs } from '../guard.ts'
import { isLive } from '../not-expired.ts'
import { grants } from '../schema/grants.ts'
import { ofServer } from '../server-key.ts'
import { endSurplusGrants } from './grants.ts'
import { firstRefreshToken, rotateRefreshToken, trimFamily } from './refresh-tokens.ts'
import type { UnitOfWork } from './unit-of-work.ts'

/** Statements of a refresh-token rotation, which also store the sealed token response. */
type Rotation = (sealedAnswer: string) => BatchItem<'sqlite'>[]

/** The engine's grant records in the table `grants`. */
export class GrantRecords {
  readonly #unit: UnitOfWork
  /** State of each grant at the time of its read, by the engine's key. */
  readonly #read = new Map<string, { rowVersion: number; refreshTokenId: string | undefined; codeChallenge: string | undefined }>()
  #rotation: Rotation | undefined
  #proof: CodeProof | undefined

  constructor(unit: UnitOfWork) {
    this.#unit = unit
  }

  /** Set if the request replaces a refresh token. */
  get rotation(): Rotation | undefined {
    return this.#rotation
  }

  /** Sets the proof of the presented code. Without proof, a used code is hidden from the engine. */
  prove(proof: CodeProof): void {
    this.#proof = proof
  }

  async read(key: string, [userId = '', id = '']: string[], client: Client | undefined): Promise<string | null> {
    const { store, now } = this.#unit
    const [row] = await store
      .select({ record: grants.record, rowVersion: grants.rowVersion, createdAt: grants.createdAt })
      .from(grants)
      .where(and(this.#at(userId, id), isLive(grants, now)))
    if (!row) return null
    const record = engineGrant.parse(JSON.parse(row.record))
    if (client && !matchesConsent(record, client)) return null
    this.#read.set(key, { rowVersion: row.rowVersion, refreshTokenId: record.refreshTokenId, codeChallenge: record.codeChallenge })
    return JSON.stringify(withoutUnprovenCode(withoutExpiredCode(record, row.createdAt, now), this.#proof))
  }

  async list(userId: string): Promise<string[]> {
    const { store, owner, now } = this.#unit
    const ofUser = and(eq(grants.issuer, owner.issuer), eq(grants.tenantId, owner.tenantId), eq(grants.userId, userId))
    const rows = await store
      .select({ id: grants.id })
      .from(grants)
      .where(and(ofUser, isNull(grants.identityLinkId), isLive(grants, now)))
    return rows.map(({ id }) => id)
  }

  /**
   * Inserts a grant, or updates a grant that this request has read. The second case is the exchange
   * of a code or a refresh token.
   */
  put(key: string, value: string, expiresAt: Date | null, client: Client | undefined): void {
    const record = engineGrant.parse(JSON.parse(value))
    const read = this.#read.get(key)
    const text = JSON.stringify(withUsedChallenge(withoutPreviousRefreshToken(record), read?.codeChallenge))
    if (!read) return this.#insert(record, text)

    const { store, owner, now } = this.#unit
    const at = this.#at(record.userId, record.id)
    this.#unit.guard(rowVersionIs(store, grants.rowVersion, at, read.rowVersion))
    this.#unit.write(
      store
        .update(grants)
        .set({ record: text, rowVersion: read.rowVersion + 1, expiresAt, lastUsedAt: now })
        .where(at),
      ...(client ? keepUsedClient(store, client, now) : []),
    )
    const { refreshTokenId, previousRefreshTokenId } = record
    if (refreshTokenId === undefined || refreshTokenId === read.refreshTokenId) return
    const family = { ...owner, userId: record.userId, grantId: record.id, clientId: record.clientId, expiresAt }
    if (previousRefreshTokenId === undefined) {
      this.#unit.write(firstRefreshToken(store, family, refreshTokenId, now))
    } else {
      const tokens = { from: previousRefreshTokenId, to: refreshTokenId }
      this.#rotation = (sealedAnswer) => [
        ...rotateRefreshToken(store, family, { ...tokens, sealedAnswer }, now),
        ...trimFamily(store, family),
      ]
    }
  }

  /** A new grant expires with its code, until the code is exchanged. */
  #insert(record: EngineGrant, text: string): void {
    const { store, owner, now } = this.#unit
    const { id, userId, clientId, metadata, resource, redirectUri } = record
    const surplus = endSurplusGrants(store, { ...owner, userId, clientId }, { actor: userId, now })
    this.#unit.write(
      store.insert(grants).values({
        ...owner,
        id,
        userId,
        clientId,
        clientName: metadata.clientName,
        scopes: record.scope.filter((scope) => isScope(scope)),
        tools: metadata.tools,
        resource,
        redirectUri,
        record: text,
        createdAt: now,
        expiresAt: codeExpiresAt(record, now),
      }),
      surplus.telling,
    )
    this.#unit.end(surplus.ending)
  }

  /**
   * Ends a grant. The engine deletes a grant for one reason: its code was used again (RFC 6749
   * §4.1.2). The guard lets one of several racing requests end the grant and write the audit event.
   */
  delete([userId = '', id = '']: string[], client: Client | undefined): void {
    const { store, owner } = this.#unit
    const { tenantId, serverId } = owner
    const at = this.#at(userId, id)
    this.#unit.guard(isThere(store, grants, at))
    this.#unit.end(store.delete(grants).where(at).returning(endedGrant))
    this.#unit.write(
      auditStatement(store, {
        tenantId,
        serverId,
        actor: `client:${client?.clientId ?? ''}`,
        action: 'grant.code-reused',
        detail: { grantId: id, userId },
      }),
    )
  }

  /**
   * Excludes grants made by identity assertions, because the engine issued no code or refresh token
   * for them.
   */
  #at(userId: string, id: string) {
    const { owner } = this.#unit
    const ofOwner = and(eq(grants.issuer, owner.issuer), ofServer(grants, owner))
    return and(ofOwner, eq(grants.userId, userId), eq(grants.id, id), isNull(grants.identityLinkId))
  }
}
