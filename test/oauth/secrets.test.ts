import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it, vi } from 'vitest'
import worker from '../../workers/index.ts'
import { failingFrom } from '../support/failing-d1.ts'
import {
  authorizationCode,
  Browser,
  createClient,
  exchange,
  refresh,
  SIGN_IN_COOKIE,
  signedIn,
  VERIFIER,
  type Tokens,
} from '../support/oauth.ts'
import { whoIs } from '../support/openid.ts'
import { createServer, freshSlug, ORIGIN } from '../support/platform.ts'

/** Returns all rows of all tables as JSON. */
async function dump(): Promise<string> {
  const { results } = await env.DB.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'`,
  ).all<{
    name: string
  }>()
  const rows = await Promise.all(results.map(({ name }) => env.DB.prepare(`SELECT * FROM "${name}"`).all()))
  return JSON.stringify(rows.map(({ results }) => results))
}

it('database holds no code, token or client secret in plain text', async () => {
  const server = await createServer()
  const client = await createClient(server, { secret: 'a client secret to look for' })
  const code = await authorizationCode(server, client)
  const tokens = await (await exchange(server, client, code)).json<Tokens>()
  const next = await (await refresh(server, client, tokens.refresh_token)).json<Tokens>()
  const text = await dump()
  expect(text).toContain(client.clientId)
  for (const secret of [code, tokens.access_token, tokens.refresh_token, next.access_token, next.refresh_token]) {
    expect(text).not.toContain(secret.split(':')[2])
  }
  expect(text).not.toContain(client.secret)
})

it('logs and error responses hold no code, token or secret when storage fails at any step', async () => {
  const lines: unknown[] = []
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, level).mockImplementation((...line) => void lines.push(line))
  const server = await createServer()
  const client = await createClient(server, { secret: 'a client secret to look for' })
  const code = await authorizationCode(server, client)
  const { access_token, refresh_token } = await (await exchange(server, client, await authorizationCode(server, client))).json<Tokens>()
  const { cookies } = await signedIn(server.tenant.owner)
  const cookie = cookies.get(SIGN_IN_COOKIE) ?? ''
  const answers: string[] = []
  const fields = { client_id: client.clientId, client_secret: client.secret ?? '' }
  const post = (form: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams({ ...fields, ...form }) })
  const { tokenEndpoint, resource, issuer } = server.urls
  const requests: [string, RequestInit<IncomingRequestCfProperties>][] = [
    [tokenEndpoint, post({ grant_type: 'authorization_code', code, code_verifier: VERIFIER })],
    [tokenEndpoint, post({ grant_type: 'refresh_token', refresh_token })],
    [`${tokenEndpoint}?refresh_token=${refresh_token}`, post({ grant_type: 'refresh_token', refresh_token })],
    [`${resource}?access_token=${access_token}`, {}], // a token in the query is never accepted
    [resource, post({ access_token })],
    [resource, { headers: { Authorization: `Bearer ${access_token}` } }],
    [
      `${issuer}/authorize?${new URLSearchParams({ ...fields, code_verifier: VERIFIER })}`,
      { headers: { Cookie: `${SIGN_IN_COOKIE}=${cookie}` } },
    ],
    [`${ORIGIN}/auth/openid/callback?${new URLSearchParams({ code, state: 's' })}`, { headers: { Cookie: `${SIGN_IN_COOKIE}=${cookie}` } }],
    [`${ORIGIN}/api/me`, { headers: { Cookie: `${SIGN_IN_COOKIE}=${cookie}` } }],
  ]
  for (const [url, init] of requests) {
    for (let works = 1; works < 7; works++) {
      const request = new Request<unknown, IncomingRequestCfProperties>(url, init)
      const response = await worker.fetch(request, { ...env, DB: failingFrom(works) }, createExecutionContext())
      if (response.status >= 500) answers.push(await response.text())
    }
  }
  vi.restoreAllMocks()
  expect(answers.length).toBeGreaterThan(15)
  const text = JSON.stringify([lines, answers])
  expect(text).toContain('unhandled')
  for (const secret of [code, access_token, refresh_token, VERIFIER, client.secret ?? '', cookie.split('.')[0] ?? ''])
    expect(text).not.toContain(secret.split(':').at(-1))
})

it('codes and tokens are made of random ids without the email address of the user', async () => {
  const email = `${freshSlug('person')}@example.com`
  const browser = new Browser()
  const form = { name: 'Ada', email, password: 'correct horse battery' }
  await browser.post('/auth/sign-up', form, { Origin: ORIGIN, 'CF-Connecting-IP': freshSlug('ip') })
  const user = (await whoIs(browser))?.user
  const server = await createServer({ settings: { access: 'signed-in' } })
  const client = await createClient(server)
  const code = await authorizationCode(server, client, { user: { id: user?.id ?? '', email } })
  const { access_token, refresh_token } = await (await exchange(server, client, code)).json<Tokens>()
  for (const value of [code, access_token, refresh_token ?? '']) {
    expect(value).toMatch(/^[\w-]{16,64}:[\w-]{16,64}:[\w-]{20,}$/)
    expect(value).not.toContain(email.split('@')[0])
  }
})
