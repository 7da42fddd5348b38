import type { BatchItem } from 'drizzle-orm/batch'
import { engineClient, type CodeProof } from '../../protocol/oauth/engine-records.ts'
import { useAssertionId } from '../clients/assertion-ids.ts'
import type { Client } from '../clients/clients.ts'
import type { EndedGrant } from '../ended-grants.ts'
import type { Store } from '../index.ts'
import { GrantRecords } from './grant-records.ts'
import { deleteTokens, listTokens, putToken, readToken } from './token-records.ts'
import { deleteTransaction, putTransaction, readTransaction } from './transaction-records.ts'
import { UnitOfWork, type RecordOwner } from './unit-of-work.ts'

interface Expiry {
  expirationTtl?: number
  expiration?: number
}

interface Page {
  keys: { name: string }[]
  list_complete: true
}

/**
 * Storage of workers-oauth-provider for one request, in the shape of the KV namespace the engine
 * expects. The prefix of a key selects a table. Writes wait for {@link OAuthRecords.commit}, which
 * stores all of them in one guarded batch, or throws Conflict if another request was first.
 */
export class OAuthRecords {
  readonly #unit: UnitOfWork
  readonly #grants: GrantRecords
  #client: Client | undefined
  /** Values written by this request, for later reads. Null marks a deleted key. */
  readonly #written = new Map<string, string | null>()

  constructor(store: Store, owner: RecordOwner, now: Date) {
    this.#unit = new UnitOfWork(store, owner, now)
    this.#grants = new GrantRecords(this.#unit)
  }

  /**
   * Sets the only client the engine can read, so that it uses the client the platform has checked.
   */
  introduce(client: Client): void {
    this.#client = client
  }

  /** Sets the proof of the code in the request, which the reuse of a used code requires. */
  prove(proof: CodeProof): void {
    this.#grants.prove(proof)
  }

  /** Adds statements to the batch. Guards run before every write. */
  join({ guards = [], writes = [] }: { guards?: BatchItem<'sqlite'>[]; writes?: BatchItem<'sqlite'>[] }): void {
    this.#unit.guard(...guards)
    this.#unit.write(...writes)
  }

  async get(key: string, options?: { type?: string }): Promise<unknown> {
    const written = this.#written.get(key)
    const text = written === undefined ? await this.#read(key) : written
    return text !== null && options?.type === 'json' ? JSON.parse(text) : text
  }

  async put(key: string, value: string, options: Expiry = {}): Promise<void> {
    const [kind, ...ids] = key.split(':')
    if (kind === 'grant') this.#grants.put(key, value, toDate(options.expiration), this.#client)
    else if (kind === 'token') putToken(this.#unit, value, this.#expiry(options))
    else if (kind === 'transaction') putTransaction(this.#unit, ids[0] ?? '', value, this.#expiry(options))
    // an assertion needs no write, because get() has stored its id
    else if (!isAssertion(kind)) throw new Error(`the engine must not write ${kind} records`)
    this.#written.set(key, value)
  }

  async delete(key: string): Promise<void> {
    const [kind, ...ids] = key.split(':')
    if (kind === 'grant') this.#grants.delete(ids, this.#client)
    else if (kind === 'token') deleteTokens(this.#unit, ids)
    else if (kind === 'transaction') deleteTransaction(this.#unit, ids[0] ?? '')
    else throw new Error(`the engine must not delete ${kind} records`)
    this.#written.set(key, null)
  }

  /** Lists a user's grants or a grant's tokens in one page, because both are capped. */
  async list({ prefix }: { prefix: string }): Promise<Page> {
    const [kind, userId = '', grantId = ''] = prefix.split(':')
    if (kind === 'grant' && userId) return toPage(prefix, await this.#grants.list(userId))
    if (kind === 'token' && userId && grantId) return toPage(prefix, await listTokens(this.#unit, userId, grantId))
    throw new Error(`the engine must not list ${prefix}`)
  }

  /**
   * True if this request replaces a refresh token; {@link commit} then needs the sealed token
   * response.
   */
  get rotates(): boolean {
    return this.#grants.rotation !== undefined
  }

  /**
   * Stores everything or throws Conflict. Returns the ended grants, whose streams the caller
   * closes.
   */
  async commit(sealedAnswer?: string): Promise<EndedGrant[]> {
    const { rotation } = this.#grants
    if (!rotation) return this.#unit.commit()
    if (sealedAnswer === undefined) throw new Error('a rotation needs the sealed token response for retries')
    return this.#unit.commit(rotation(sealedAnswer))
  }

  async #read(key: string): Promise<string | null> {
    const [kind, ...ids] = key.split(':')
    if (kind === 'client') return this.#readClient(key.slice('client:'.length))
    if (kind === 'grant') return this.#grants.read(key, ids, this.#client)
    if (kind === 'token') return readToken(this.#unit, ids)
    if (kind === 'transaction') return readTransaction(this.#unit, ids[0] ?? '')
    if (isAssertion(kind)) return this.#readAssertion(key)
    throw new Error(`the engine must not read ${kind} records`)
  }

  #readClient(clientId: string): string | null {
    const client = this.#client
    return client?.clientId === clientId ? JSON.stringify(engineClient(clientId, client)) : null
  }

  /**
   * Stores the id of an assertion with the read itself, because the engine does not check whether
   * its write won.
   */
  async #readAssertion(key: string): Promise<string | null> {
    const { store, owner, now } = this.#unit
    return (await useAssertionId(store, owner.issuer, key, now)) ? null : '1'
  }

  #expiry({ expiration, expirationTtl }: Expiry): Date {
    const absolute = toDate(expiration)
    if (absolute) return absolute
    if (expirationTtl === undefined) throw new Error('a token or transaction record needs an expiry')
    return new Date(this.#unit.now.getTime() + expirationTtl * 1000)
  }
}

function toDate(seconds: number | undefined): Date | null {
  return seconds === undefined ? null : new Date(seconds * 1000)
}

function toPage(prefix: string, ids: string[]): Page {
  return { keys: ids.map((id) => ({ name: `${prefix}${id}` })), list_complete: true }
}

function isAssertion(kind: string | undefined): boolean {
  return kind === 'client-assertion-jti' || kind === 'enterprise-jti'
}
