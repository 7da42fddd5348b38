import { exports } from 'cloudflare:workers'
import { expect, it } from 'vitest'
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
