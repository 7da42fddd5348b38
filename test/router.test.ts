import { createExecutionContext } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import worker from '../workers/index.ts'
import { createServer } from './support/platform.ts'

it('router answers /healthz with 200, an unknown path with 404 and an unknown host with 421', async () => {
  expect((await exports.default.fetch('http://localhost:8787/healthz')).status).toBe(200)
  expect((await exports.default.fetch('http://localhost:8787/healthz', { method: 'HEAD' })).status).toBe(200)
  expect((await exports.default.fetch('http://localhost:8787/nothing/here')).status).toBe(404)
  expect((await exports.default.fetch('http://evil.example/healthz')).status).toBe(421)
})

it('router sends errors as an HTML page to browsers and as a problem document to programs', async () => {
  const ask = (accept: string, path = '/nothing/here/at/all') =>
    exports.default.fetch(`http://localhost:8787${path}`, { headers: { Accept: accept } })
  const page = await ask('text/html,*/*;q=0.8')
  expect([page.status, page.headers.get('Content-Type')]).toEqual([404, 'text/html; charset=utf-8'])
  expect(await page.text()).toContain('href="/dashboard/"')
  const wrongMethod = await ask('text/html', '/auth/sign-out')
  expect([wrongMethod.status, wrongMethod.headers.get('Allow')]).toEqual([405, 'POST'])
  for (const accept of ['application/json', '*/*']) {
    expect((await ask(accept)).headers.get('Content-Type')).toBe('application/problem+json')
  }
})

it('MCP endpoint shows a page to browsers, with the status and the challenge that clients get', async () => {
  const ask = async ({ urls }: Awaited<ReturnType<typeof createServer>>, accept: string, path = '') => {
    const response = await exports.default.fetch(`${urls.resource}${path}`, { headers: { Accept: accept } })
    const { status, headers } = response
    const [type, challenge] = [headers.get('Content-Type'), headers.get('WWW-Authenticate')]
    return { status, type: type?.split(';')[0], challenge, text: await response.text() }
  }
  const browser = 'text/html,application/xhtml+xml,*/*;q=0.8'
  const server = await createServer({ code: '' })
  const refused = await ask(server, '*/*')
  expect([refused.status, refused.type]).toEqual([401, 'application/json'])
  for (const path of ['', '/versions/1']) {
    const page = await ask(server, browser, path)
    expect([page.status, page.type]).toEqual([401, 'text/html'])
    expect(page.challenge).toContain('resource_metadata=')
    expect(page.text).toContain(`href="${server.urls.resource.replace(/\/mcp$/, '')}"`)
  }
  expect((await ask(server, `${browser}, text/event-stream`)).type).toBe('application/json')
  const open = await createServer({ code: '', settings: { access: 'public' } })
  const shown = await ask(open, browser)
  expect([shown.status, shown.type]).toEqual([405, 'text/html'])
})

it('MCP endpoint with a trailing slash redirects with 308, and leads to the reply of the endpoint', async () => {
  const server = await createServer({ code: '', settings: { origins: ['https://page.example'] } })
  const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'ping' })
  const init = (redirect: 'manual' | 'follow') => ({
    method: 'POST',
    redirect,
    body,
    headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', Origin: 'https://page.example' },
  })
  for (const path of ['', '/versions/1']) {
    const moved = await exports.default.fetch(`${server.urls.resource}${path}/?x=1`, init('manual'))
    expect([moved.status, moved.headers.get('Location')]).toEqual([308, `${server.urls.resource}${path}?x=1`])
    expect(moved.headers.get('Access-Control-Allow-Origin')).toBe('https://page.example')
    const [direct, followed] = await Promise.all([
      exports.default.fetch(`${server.urls.resource}${path}`, init('manual')),
      exports.default.fetch(moved.headers.get('Location') ?? '', init('manual')),
    ])
    const challenge = direct.headers.get('WWW-Authenticate')
    expect(challenge).toContain('resource_metadata=')
    expect([followed.status, followed.headers.get('WWW-Authenticate')]).toEqual([401, challenge])
    const preflight = await exports.default.fetch(`${server.urls.resource}${path}/`, {
      method: 'OPTIONS',
      headers: { Origin: 'https://page.example', 'Access-Control-Request-Method': 'POST' },
    })
    expect([preflight.status, preflight.headers.get('Access-Control-Allow-Methods')]).toEqual([204, 'POST, GET, DELETE'])
  }
})

it.each(['/mcp//', '/MCP/', '/%6dcp/', '/mcp/versions/', '/authorize/', '/token/', '/'])(
  'router answers 404 to the path %s below a server, because only the endpoint itself has a second spelling',
  async (path) => {
    const { urls } = await createServer()
    expect((await exports.default.fetch(`${urls.issuer}${path}`, { method: 'POST' })).status).toBe(404)
  },
)

it('MCP endpoint with a trailing slash answers 404 when the server does not exist', async () => {
  const response = await exports.default.fetch('http://localhost:8787/nobody/here/mcp/', { method: 'POST' })
  expect([response.status, response.headers.get('Location')]).toEqual([404, null])
})

const HTTPS = { PUBLIC_ORIGIN: 'https://wharf.example', SERVER_HOST: '*.mcp.example' }

it.each([
  ['a page', '/auth/sign-in', {}],
  ['a redirect', '/', {}],
  ['an asset', '/dashboard/palette.css', {}],
  ['the dashboard client', '/dashboard/client.json', {}],
  ['an unknown path', '/nothing/here', {}],
  ['a page about an unknown path', '/nothing/here', { Accept: 'text/html' }],
  ['metadata', '/.well-known/oauth-authorization-server', {}],
  ['an OAuth error', '/token', { method: 'POST' }],
  ['a CORS preflight', '/register', { method: 'OPTIONS' }],
  ['a wrong method', '/auth/sign-in', { method: 'DELETE' }],
  ['the API', '/api/me', {}],
  ['an unknown endpoint', '/nobody/here/mcp', { method: 'POST' }],
  ['the health check', '/healthz', { method: 'HEAD' }],
])(
  '%s has nosniff, and Strict-Transport-Security on https',
  async (_, path, { method = 'GET', Accept = '*/*' }: Record<string, string>) => {
    for (const [vars, hsts] of [
      [{}, null],
      [HTTPS, 'max-age=63072000'],
    ] as const) {
      const addressed: Env = { ...env, ...vars }
      const request = new Request<unknown, IncomingRequestCfProperties>(addressed.PUBLIC_ORIGIN + path, {
        method,
        headers: { Accept },
        redirect: 'manual',
      })
      const { headers } = await worker.fetch(request, addressed, createExecutionContext())
      expect([headers.get('X-Content-Type-Options'), headers.get('Strict-Transport-Security')]).toEqual(['nosniff', hsts])
    }
  },
)

it('unknown host gets nosniff, and 403 at an endpoint with a trailing slash too', async () => {
  const unknown = await exports.default.fetch('http://evil.example/demo/hello/mcp/', { method: 'POST' })
  expect([unknown.status, unknown.headers.get('X-Content-Type-Options')]).toEqual([403, 'nosniff'])
})

it.each(['[bad', 'a b', 'foo:bar', 'user@localhost:8787', 'localhost:8787/x', 'a\\b', '%6c', '<x>', 'localhost:8787, evil.example', ''])(
  'malformed Host header %j gets 400 with a body',
  async (host) => {
    const request = new Request<unknown, IncomingRequestCfProperties>('http://localhost:8787/healthz', { headers: { Host: host } })
    const response = await worker.fetch(request, env, createExecutionContext())
    expect([response.status, response.headers.get('X-Content-Type-Options')]).toEqual([400, 'nosniff'])
    expect(await response.json()).toMatchObject({ title: 'Malformed host', status: 400, detail: expect.stringContaining('localhost:8787') })
  },
)

it.each(['localhost:8787', 'LOCALHOST:8787', '[::1]:8787', 'localhost'])('well-formed Host header %s is not malformed', async (host) => {
  const request = new Request<unknown, IncomingRequestCfProperties>('http://localhost:8787/healthz', { headers: { Host: host } })
  expect((await worker.fetch(request, env, createExecutionContext())).status).toBe(200)
})
