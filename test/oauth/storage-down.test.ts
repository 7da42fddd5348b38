import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { grants, tokens } from '../../store/schema/grants.ts'
import worker from '../../workers/index.ts'
import { authorizationCode, authorizePath, createClient, exchange, obtainTokens, refresh, signedIn, VERIFIER } from '../support/oauth.ts'
import { failingFrom } from '../support/failing-d1.ts'
import { META, wireServer } from '../support/modern.ts'
import { createServer, createToken, ORIGIN, store, surfaceOf, type TestServer } from '../support/platform.ts'

function request(path: string, database: D1Database, init: RequestInit<IncomingRequestCfProperties> = {}): Promise<Response> {
  const handled = worker.fetch(
    new Request<unknown, IncomingRequestCfProperties>(new URL(path, ORIGIN), init),
    { ...env, DB: database },
    createExecutionContext(),
  )
  return Promise.resolve(handled)
}

/** Repeats the request with D1 failing from the n-th call on, until the request succeeds. */
async function failAtEachCall(send: (database: D1Database) => Promise<Response>, asOAuth = true): Promise<number[]> {
  const statuses: number[] = []
  for (let call = 1; call < 30; call++) {
    const response = await send(failingFrom(call))
    statuses.push(response.status)
    if (response.status !== 503) return statuses
    expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(await response.clone().text()).not.toContain('D1')
    // an official SDK sends its user to sign in again on any other error
    if (asOAuth) {
      expect(response.headers.get('Cache-Control')).toBe('no-store')
      expect(await response.json()).toEqual({ error: 'temporarily_unavailable', error_description: expect.any(String) })
    }
  }
  return statuses
}

function form(server: TestServer, endpoint: string, fields: Record<string, string>) {
  return (database: D1Database) =>
    request(`/${server.tenant.slug}/${server.slug}/${endpoint}`, database, { method: 'POST', body: new URLSearchParams(fields) })
}

it('token endpoint answers 503 when D1 fails during a code exchange and keeps the code valid', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const code = await authorizationCode(server, client)
  const fields = { grant_type: 'authorization_code', client_id: client.clientId, code, code_verifier: VERIFIER }
  const statuses = await failAtEachCall(form(server, 'token', fields))
  expect(statuses.length).toBeGreaterThan(3)
  expect(statuses.at(-1)).toBe(200)
})

it('token endpoint answers 503 when D1 fails during a refresh and keeps the token valid', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const { refresh_token } = await obtainTokens(server, client)
  const statuses = await failAtEachCall(form(server, 'token', { grant_type: 'refresh_token', client_id: client.clientId, refresh_token }))
  expect(statuses.length).toBeGreaterThan(3)
  expect(statuses.at(-1)).toBe(200)
  expect(await store.select().from(tokens).where(eq(tokens.serverId, server.id))).toHaveLength(2)
})

it('revocation endpoint answers 503 when D1 fails', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const { refresh_token } = await obtainTokens(server, client)
  const statuses = await failAtEachCall(form(server, 'revoke', { client_id: client.clientId, token: refresh_token }))
  expect(statuses.at(-1)).toBe(200)
  expect(await store.select().from(grants).where(eq(grants.serverId, server.id))).toEqual([])
  expect((await refresh(server, client, refresh_token)).status).toBe(400)
})

it('registration, metadata and authorization endpoints answer 503 when D1 fails', async () => {
  const server = await createServer()
  const client = await createClient(server)
  const browser = await signedIn(server.tenant.owner)
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const metadata = `/.well-known/oauth-authorization-server/${server.tenant.slug}/${server.slug}`
  const registration = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'none' }),
  }
  for (const [path, init, asOAuth] of [
    [metadata, {}, false],
    [authorizePath(server, client), { headers: { Cookie: cookie } }, false],
    [`/${server.tenant.slug}/${server.slug}/register`, registration, true],
  ] as const) {
    const statuses = await failAtEachCall((database) => request(path, database, init), asOAuth)
    expect([200, 201]).toContain(statuses.at(-1))
    expect(new Set(statuses.slice(0, -1))).toEqual(new Set([503]))
  }
  expect((await exchange(server, client, await authorizationCode(server, client))).status).toBe(200)
})

it('MCP endpoint answers 503 with the id of the request when D1 fails after the request was read', async () => {
  const surface = surfaceOf([{ name: 'echo', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }])
  const code = wireServer(`{ echo: async () => ({ content: [] }) }`)
  const seen: unknown[] = []
  for (let call = 1; call < 20; call++) {
    // a new server for each attempt, because an isolate remembers servers and surfaces
    const server = await createServer({ code, surface })
    const { token } = await createToken(server)
    const headers = {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${token}`,
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': 'tools/call',
      'Mcp-Name': 'echo',
    }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 'x', method: 'tools/call', params: { name: 'echo', _meta: META } })
    const response = await request(new URL(server.urls.resource).pathname, failingFrom(call), { method: 'POST', headers, body })
    const answered = await response.json<{ id?: unknown; error?: { code: number } }>()
    if (response.status === 200) break
    expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '5'])
    seen.push([answered.id, answered.error?.code])
  }
  expect(seen.at(-1)).toEqual(['x', -32603])
})
