import { and, eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { grants, refreshTokens, tokens } from '../../store/schema/grants.ts'
import { users } from '../../store/schema/people.ts'
import { auditEvents } from '../../store/schema/tenants.ts'
import { authorizationCode, createClient, exchange, obtainTokens, postForm, refresh, type Tokens } from '../support/oauth.ts'
import { createServer, createUser, store, type TestServer } from '../support/platform.ts'

/** Rounds of each race. Many, because a race condition may show only occasionally. */
const ROUNDS = 200
const TIMEOUT = 180_000
const RACERS = Array.from({ length: 10 }, (_, index) => index)

/** Creates a server open to all users, because authorizations are limited per user and minute. */
function openServer(): Promise<TestServer> {
  return createServer({ settings: { access: 'signed-in' } })
}

it(
  'authorization code is redeemed once when ten requests race',
  async () => {
    const server = await openServer()
    for (let round = 0; round < ROUNDS; round++) {
      const client = await createClient(server)
      const code = await authorizationCode(server, client, { user: await createUser() })
      const answers = await Promise.all(RACERS.map(() => exchange(server, client, code)))
      const statuses = answers.map(({ status }) => status).toSorted()
      expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 400)])
      for (const answer of answers) if (answer.status === 400) expect(await answer.json()).toMatchObject({ error: 'invalid_grant' })
      // RFC 6749 §4.1.2: reuse of a code also revokes the tokens of the winner
      expect(await store.select().from(grants).where(eq(grants.serverId, server.id))).toEqual([])
      expect(await store.select().from(tokens).where(eq(tokens.serverId, server.id))).toEqual([])
    }
    const reused = and(eq(auditEvents.serverId, server.id), eq(auditEvents.action, 'grant.code-reused'))
    expect(await store.select().from(auditEvents).where(reused)).toHaveLength(ROUNDS)
  },
  TIMEOUT,
)

it(
  'authorization code keeps its tokens when nine requests without its verifier race with its holder',
  async () => {
    const server = await openServer()
    for (let round = 0; round < ROUNDS; round++) {
      const client = await createClient(server)
      const code = await authorizationCode(server, client, { user: await createUser() })
      const racers = RACERS.map((racer) => exchange(server, client, code, racer === round % 10 ? {} : { code_verifier: 'x'.repeat(43) }))
      const answers = await Promise.all(racers)
      expect(answers.map(({ status }) => status)).toEqual(RACERS.map((racer) => (racer === round % 10 ? 200 : 400)))
      const { refresh_token } = (await answers[round % 10]?.json<Tokens>()) ?? { refresh_token: '' }
      expect((await refresh(server, client, refresh_token)).status).toBe(200)
    }
    const reused = and(eq(auditEvents.serverId, server.id), eq(auditEvents.action, 'grant.code-reused'))
    expect(await store.select().from(auditEvents).where(reused)).toEqual([])
  },
  TIMEOUT,
)

it(
  'refresh token yields one token pair when ten requests race',
  async () => {
    const server = await openServer()
    const client = await createClient(server)
    let { refresh_token: current } = await obtainTokens(server, client)
    for (let round = 0; round < ROUNDS; round++) {
      const answers = await Promise.all(RACERS.map(() => refresh(server, client, current)))
      expect(answers.map(({ status }) => status)).toEqual(RACERS.map(() => 200))
      const pairs = await Promise.all(answers.map((answer) => answer.json<Tokens>()))
      expect(new Set(pairs.map((pair) => `${pair.access_token} ${pair.refresh_token}`)).size).toBe(1)
      const next = pairs[0]?.refresh_token ?? ''
      expect(next).not.toBe(current)
      current = next
    }
  },
  TIMEOUT,
)

it(
  'grant leaves no valid token when it is revoked during a refresh',
  async () => {
    const server = await openServer()
    for (let round = 0; round < ROUNDS; round++) {
      const client = await createClient(server)
      const { refresh_token } = await obtainTokens(server, client, { user: await createUser() })
      const refreshes = RACERS.slice(0, 4).map(() => refresh(server, client, refresh_token))
      // delays the revocation by 0 to 4 queries, to fall before, between and after the refreshes
      for (let step = 0; step < round % 5; step++) await store.select({ id: users.id }).from(users).limit(1)
      const revoked = await postForm(server, 'revoke', { client_id: client.clientId, token: refresh_token })
      const answers = await Promise.all(refreshes)
      expect(revoked.status).toBe(200)
      const issued = await Promise.all(answers.filter(({ ok }) => ok).map((answer) => answer.json<Tokens>()))
      expect(await store.select().from(tokens).where(eq(tokens.serverId, server.id))).toEqual([])
      for (const pair of issued) expect((await refresh(server, client, pair.refresh_token)).status).toBe(400)
      expect(await store.select().from(refreshTokens).where(eq(refreshTokens.clientId, client.clientId))).toEqual([])
    }
  },
  TIMEOUT,
)
