import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { newId } from '../../protocol/random.ts'
import { d1Failure } from '../../store/d1-errors.ts'
import { Conflict, guard, orConflict } from '../../store/guard.ts'
import { members, tenants } from '../../store/schema/tenants.ts'
import worker from '../../workers/index.ts'
import { failingFrom } from '../support/failing-d1.ts'
import { createServer, createTenant, ORIGIN, store } from '../support/platform.ts'

const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

const insertTenant = (slug: string) => store.insert(tenants).values({ id: newId(), slug, name: 'A tenant' })

describe('d1Failure', () => {
  it.each([
    ['a failed guard', () => store.batch([guard(store, sql`1 = 2`)]), 'refused'],
    ['a duplicate unique key', async () => insertTenant((await createTenant()).slug), 'refused'],
    ['a missing foreign key', () => store.insert(members).values({ tenantId: 'none', userId: 'none', role: 'owner' }), 'refused'],
    ['a missing column', () => store.run(sql`SELECT no_such_column FROM tenants`), 'broken'],
    ['a missing table', () => store.run(sql`SELECT 1 FROM no_such_table`), 'broken'],
    ['a syntax error', () => store.run(sql`SELEC 1`), 'broken'],
    ['a NOT NULL violation', () => store.run(sql`INSERT INTO tenants (id, slug) VALUES (${newId()}, ${newId()})`), 'broken'],
    ['a parameter of a type that D1 does not store', () => store.run(sql`SELECT ${undefined}`), 'broken'],
  ] as const)('classifies %s of a real statement', async (_, run, kind) => {
    const error = await rejection(Promise.resolve(run()))
    expect(error).toBeInstanceOf(Error)
    expect(d1Failure(error)).toBe(kind)
  })

  it.each([
    ['D1_ERROR: Network connection lost.', 'unavailable'],
    ['D1_ERROR: D1 DB is overloaded. Requests queued for too long.', 'unavailable'],
    ['D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.', 'unavailable'],
    ['D1_ERROR: database is locked: SQLITE_BUSY', 'unavailable'],
    ['D1_ERROR: UNIQUE constraint failed: tenants.slug: SQLITE_CONSTRAINT', 'refused'],
    ['D1_ERROR: UNIQUE constraint failed: tenants.slug: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)', 'refused'],
    ['D1_ERROR: CHECK constraint failed: access_keys_holder: SQLITE_CONSTRAINT', 'broken'],
    ['D1_ERROR: too many SQL variables at offset 425: SQLITE_ERROR', 'broken'],
    ['D1_COLUMN_NOTFOUND', 'broken'],
  ])('classifies "%s" as %s, also as the cause of another error', (message, kind) => {
    expect(d1Failure(new Error(message))).toBe(kind)
    expect(d1Failure(new Error('Failed query', { cause: new Error(message) }))).toBe(kind)
  })

  it('ignores errors that are not from D1, whatever values they quote', () => {
    expect(d1Failure(new Error('Failed query: … params: UNIQUE constraint failed, D1_ERROR'))).toBeUndefined()
    expect(d1Failure('D1_ERROR: Network connection lost.')).toBeUndefined()
  })
})

describe('orConflict', () => {
  it('returns the results of a batch that D1 accepts', async () => {
    const [rows] = await orConflict(store.batch([insertTenant(newId()).returning({ name: tenants.name })]))
    expect(rows).toEqual([{ name: 'A tenant' }])
  })

  it('throws Conflict for a refused batch and the error itself for a broken batch', async () => {
    const { slug } = await createTenant()
    expect(await rejection(orConflict(store.batch([insertTenant(slug)])))).toBeInstanceOf(Conflict)
    const broken = await rejection(orConflict(store.batch([store.run(sql`SELECT no_such_column FROM tenants`)])))
    expect(broken).not.toBeInstanceOf(Conflict)
    expect(d1Failure(broken)).toBe('broken')
  })
})

describe('a request', () => {
  const metadata = async (database: D1Database) => {
    const server = await createServer()
    const url = new URL(`/.well-known/oauth-authorization-server/${server.tenant.slug}/${server.slug}`, ORIGIN)
    const request = new Request<unknown, IncomingRequestCfProperties>(url)
    return worker.fetch(request, { ...env, DB: database }, createExecutionContext())
  }

  it.each([
    ['200 if D1 runs every statement', env.DB, 200],
    ['503 if D1 is unavailable', failingFrom(1), 503],
    ['500 if a column is missing', failingFrom(1, 'D1_ERROR: no such column: hosted_servers.x: SQLITE_ERROR'), 500],
    [
      '500 if a unique key fails outside of a guarded batch',
      failingFrom(1, 'D1_ERROR: UNIQUE constraint failed: x.y: SQLITE_CONSTRAINT'),
      500,
    ],
  ])('is answered %s', async (_, database, status) => {
    const response = await metadata(database)
    expect(response.status).toBe(status)
    expect(response.headers.get('Retry-After')).toBe(status === 503 ? '5' : null)
  })
})
