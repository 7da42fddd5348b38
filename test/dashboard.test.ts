import { describe, expect, it } from 'vitest'
import type { UploadBody } from '../protocol/api/versions.ts'
import { person, tenantOf } from './support/person.ts'
import { fetchPlatform } from './support/platform.ts'

const PAGE = { Accept: 'text/html,application/xhtml+xml' }
/** The document is for any browser with a sign-in cookie; only the API verifies the sign-in. */
const SIGNED_IN = { ...PAGE, Cookie: 'wharf-sign-in=claimed' }

const policyOf = (response: Response): string[] => response.headers.get('Content-Security-Policy')?.split('; ') ?? []

describe('dashboard without a sign-in', () => {
  it('shows the product page without any script', async () => {
    const response = await fetchPlatform('/dashboard/', { headers: PAGE })
    expect(response.status).toBe(200)
    const text = await response.text()
    expect(text).toContain('href="/auth/sign-up"')
    expect(text).not.toContain('<script')
    expect(policyOf(response)).toEqual(expect.arrayContaining(["default-src 'none'", "frame-ancestors 'none'"]))
  })

  it('redirects every page to sign-in with a continue parameter for that page', async () => {
    const response = await fetchPlatform('/dashboard/t/acme?view=all', { headers: PAGE })
    expect([response.status, response.headers.get('Location')]).toEqual([
      303,
      '/auth/sign-in?continue=%2Fdashboard%2Ft%2Facme%3Fview%3Dall',
    ])
  })
})

describe('dashboard document', () => {
  it('is served at every page URL with Cache-Control: no-cache', async () => {
    for (const path of ['/dashboard/', '/dashboard/index.html', '/dashboard/t/acme/s/tools/versions/3', '/dashboard/no%20such']) {
      const response = await fetchPlatform(path, { headers: SIGNED_IN })
      expect([path, response.status, response.headers.get('Cache-Control')]).toEqual([path, 200, 'no-cache'])
      expect(await response.text()).toContain('<div id="root">')
    }
  })

  it('forbids inline scripts and frames, and allows inline styles with a fresh nonce only', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => fetchPlatform('/dashboard/', { headers: SIGNED_IN })))
    const nonces = [one, other].map((response) => response && /'nonce-([\w-]+)'/.exec(policyOf(response).join())?.[1])
    expect(nonces[0]).toMatch(/^[\w-]{20,}$/)
    expect(nonces[0]).not.toBe(nonces[1])
    const text = await one?.text()
    expect(text).toContain(`nonce="${nonces[0]}"`)
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|style=/)
    expect(one && policyOf(one)).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]),
    )
    expect(one?.headers.get('ETag')).toBeNull()
    expect(one?.headers.get('X-Content-Type-Options')).toBe('nosniff')
  })
})

describe('dashboard files', () => {
  it('are cached for a year when their name has a hash, and revalidated otherwise', async () => {
    const document = await (await fetchPlatform('/dashboard/', { headers: SIGNED_IN })).text()
    const [script = ''] = /\/dashboard\/assets\/[^"]+\.js/.exec(document) ?? []
    const hashed = await fetchPlatform(script)
    expect([hashed.status, hashed.headers.get('Cache-Control')]).toEqual([200, 'public, max-age=31536000, immutable'])
    expect(hashed.headers.get('Content-Type')).toContain('javascript')
    const named = await fetchPlatform('/dashboard/pages.css')
    expect([named.status, named.headers.get('Cache-Control')]).toEqual([200, 'public, max-age=0, must-revalidate'])
  })

  it('return 404 when they do not exist, whatever the Accept header', async () => {
    expect((await fetchPlatform('/dashboard/assets/gone.js', { headers: SIGNED_IN })).status).toBe(404)
    expect((await fetchPlatform('/dashboard/nothing-here', { headers: { Accept: '*/*' } })).status).toBe(404)
  })
})

it('dashboard URL without the trailing slash redirects to the one with it', async () => {
  const response = await fetchPlatform('/dashboard')
  expect([response.status, response.headers.get('Location')]).toEqual([302, 'http://localhost:8787/dashboard/'])
})

it('dashboard templates contain their sources and a bundle that can be deployed unchanged', async () => {
  const listed = await (
    await fetchPlatform('/dashboard/templates/index.json')
  ).json<{ name: string; title: string; description: string }[]>()
  expect(listed.map(({ name }) => name)).toEqual(['hello', 'weather', 'trip', 'report', 'everything'])
  const { upload } = await (await fetchPlatform('/dashboard/templates/hello.json')).json<{ upload: UploadBody }>()
  expect(upload.sources?.files[upload.sources.main]).toContain('registerTool')
  const owner = await person()
  const tenant = await tenantOf(owner)
  expect((await owner.call('POST', `/tenants/${tenant}/servers`, { slug: 'hello', name: 'Hello' })).status).toBe(201)
  const deployed = await owner.call('POST', `/tenants/${tenant}/servers/hello/versions`, { ...upload, activate: true })
  expect([deployed.status, deployed.body.state, deployed.body.active]).toEqual([201, 'ready', true])
})
