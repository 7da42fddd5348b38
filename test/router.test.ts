import { exports } from 'cloudflare:workers'
import { expect, it } from 'vitest'

it('answers a health check and nothing it does not know', async () => {
  expect((await exports.default.fetch('http://localhost:8787/healthz')).status).toBe(200)
  expect((await exports.default.fetch('http://localhost:8787/healthz', { method: 'HEAD' })).status).toBe(200)
  expect((await exports.default.fetch('http://localhost:8787/nothing/here')).status).toBe(404)
  expect((await exports.default.fetch('http://evil.example/healthz')).status).toBe(421)
})

it('refuses a person’s browser with a page, and a program with a problem document', async () => {
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
