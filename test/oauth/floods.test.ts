import { count, eq } from 'drizzle-orm'
import { expect, inject, it } from 'vitest'
import { clients } from '../../store/schema/clients.ts'
import { grants, oauthTransactions, refreshTokens, tokens } from '../../store/schema/grants.ts'
import { auditEvents } from '../../store/schema/tenants.ts'
import { add, serverThatAdds } from '../support/app.ts'
import {
  authorizationCode,
  authorizePath,
  consentFor,
  createClient,
  exchange,
  obtainTokens,
  REDIRECT_URI,
  refresh,
  signedIn,
  type TestClient,
  type Tokens,
} from '../support/oauth.ts'
import { addMember, fetchPlatform, freshSlug, store, type TestServer } from '../support/platform.ts'

/** Number of requests in a flood (a multiple of 400, see CONTRIBUTING.md), and the concurrency. */
const FLOOD = inject('flood')
const AT_ONCE = 100
const TIMEOUT = 900_000

/** Sends all requests and counts the statuses of the responses. */
async function flood(send: (index: number) => Promise<Response>): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {}
  for (let from = 0; from < FLOOD; from += AT_ONCE) {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => send(from + index)))
    for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1
    await Promise.all(answers.map((answer) => answer.body?.cancel()))
  }
  return statuses
}

async function rows({ id }: TestServer): Promise<Record<string, number>> {
  const tables = { clients, grants, tokens, refreshTokens, oauthTransactions, auditEvents }
  const counted = Object.entries(tables).map(async ([name, table]) => {
    const [row] = await store.select({ n: count() }).from(table).where(eq(table.serverId, id))
    return [name, row?.n ?? 0] as const
  })
  return Object.fromEntries(await Promise.all(counted))
}

function register(server: TestServer, name: string, address: string): Promise<Response> {
  return fetchPlatform(server.urls.registrationEndpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'CF-Connecting-IP': address },
    body: JSON.stringify({
      client_name: name,
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
    }),
  })
}

/** Checks that an app from before the flood can register again, refresh and call a tool. */
async function expectGood(server: TestServer, name: string, client: TestClient, refreshToken: string): Promise<void> {
  const again = await register(server, name, '192.0.2.0') // an IP address of the flood
  expect(await again.json()).toMatchObject({ client_id: client.clientId })
  const refreshed = await refresh(server, client, refreshToken)
  expect(refreshed.status).toBe(200)
  expect(await add(server, (await refreshed.json<Tokens>()).access_token)).toBe('5')
}

async function appInUse() {
  const server = await serverThatAdds()
  const name = freshSlug('good')
  const { client_id: clientId } = await (await register(server, name, freshSlug('ip'))).json<{ client_id: string }>()
  const client = { clientId, secret: undefined }
  const { refresh_token: refreshToken } = await obtainTokens(server, client)
  return { server, before: await rows(server), good: () => expectGood(server, name, client, refreshToken) }
}

it(
  'registration flood leaves a thousand clients and does not block existing or new apps',
  async () => {
    const { server, good } = await appInUse()
    const statuses = await flood((index) => register(server, `Flood ${index}`, `192.0.2.${index % 150}`))
    expect((statuses[201] ?? 0) + (statuses[429] ?? 0)).toBe(FLOOD)
    expect((await rows(server))['clients']).toBe(1001) // 1,000 from the flood and the one in use
    await good()
    const { client_id: clientId } = await (await register(server, 'New', '198.51.100.1')).json<{ client_id: string }>()
    const client = { clientId, secret: undefined }
    const user = await addMember(server.tenant, 'viewer')
    const answered = await exchange(server, client, await authorizationCode(server, client, { user }))
    expect(await add(server, (await answered.json<Tokens>()).access_token)).toBe('5')
  },
  TIMEOUT,
)

it(
  'authorization flood stores nothing for strangers, a limited number for a user and blocks no one else',
  async () => {
    const { server, before, good } = await appInUse()
    const client = await createClient(server)
    const known = authorizePath(server, client)
    const strange = authorizePath(server, { clientId: 'unknown', secret: undefined })
    const member = await signedIn(await addMember(server.tenant, 'viewer'))
    const statuses = await flood((index) => {
      if (index % 2 === 1) return member.get(known)
      return fetchPlatform(index % 4 === 0 ? known : strange)
    })
    expect(Object.keys(statuses)).toEqual(['200', '303', '400', '429'])
    expect([statuses[303], statuses[400]]).toEqual([FLOOD / 4, FLOOD / 4])
    const { oauthTransactions: waiting = 0, ...rest } = await rows(server)
    expect(waiting).toBe((statuses[200] ?? 0) + (before['oauthTransactions'] ?? 0))
    expect(rest).toEqual({ ...before, oauthTransactions: undefined, clients: 2 })
    await good()
    const other = await signedIn(await addMember(server.tenant, 'viewer'))
    expect((await consentFor(other, server, known)).status).toBe(200)
  },
  TIMEOUT,
)

it(
  'token endpoint flood of wrong credentials stores nothing and does not block valid ones',
  async () => {
    const { server, good } = await appInUse()
    const client = await createClient(server, { secret: 'the right secret' })
    const user = await addMember(server.tenant, 'viewer')
    const { refresh_token: refreshToken } = await obtainTokens(server, client, { user })
    const before = await rows(server)
    const known = { client_id: client.clientId, client_secret: 'the right secret' }
    const guesses: ((index: number) => Record<string, string>)[] = [
      (index) => ({ ...known, grant_type: 'refresh_token', refresh_token: `a:b:${index}` }),
      (index) => ({ ...known, grant_type: 'authorization_code', code: `a:b:${index}`, code_verifier: 'x'.repeat(43) }),
      (index) => ({ ...known, grant_type: 'refresh_token', refresh_token: refreshToken, client_secret: `guess ${index}` }),
      (index) => ({ grant_type: 'refresh_token', client_id: `client-${index}`, refresh_token: refreshToken }),
    ]
    const statuses = await flood((index) => {
      const body = new URLSearchParams(guesses[index % guesses.length]?.(index))
      return fetchPlatform(server.urls.tokenEndpoint, { method: 'POST', headers: { 'CF-Connecting-IP': `192.0.2.${index % 10}` }, body })
    })
    expect(Object.keys(statuses)).toEqual(['400', '401', '429'])
    expect(await rows(server)).toEqual(before)
    expect((await refresh(server, client, refreshToken, {})).status).toBe(200)
    await good()
  },
  TIMEOUT,
)
