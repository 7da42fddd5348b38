import { describe, expect, it } from 'vitest'
import { guardedFetch, parseDevOrigins, type FetchRules } from '../../protocol/http/guarded-fetch.ts'
import { parseAddresses } from '../../protocol/location.ts'

const addresses = parseAddresses('https://wharf.example', '*.mcp.wharf.example')

/**
 * A fake web. Each URL in `pages` has its own response; a request to any other URL fails the test.
 */
function web(pages: Record<string, () => Response>, change: Partial<FetchRules> = {}) {
  const seen: Request[] = []
  const rules: FetchRules = {
    addresses,
    devOrigins: new Map(),
    fetch: async (request) => {
      seen.push(request)
      if (request.body) await request.arrayBuffer()
      const page = pages[request.url]
      if (!page) throw new Error(`unexpected request to ${request.url}`)
      return page()
    },
    redirect: 'follow',
    signal: AbortSignal.timeout(5_000),
    maxRequestBytes: 1_000,
    maxResponseBytes: 1_000,
    ...change,
  }
  return { seen, get: (url: string, init?: RequestInit) => guardedFetch(new Request(url, init), rules) }
}

const ok = () => new Response('ok')
const to =
  (location: string, status = 302) =>
  () =>
    new Response(null, { status, headers: { Location: location } })

describe('guardedFetch', () => {
  it.each([
    ['plain http', 'http://a.example/'],
    ['the scheme ftp', 'ftp://a.example/'],
    ['a port other than 443', 'https://a.example:8443/'],
    ['a private IPv4 address', 'https://10.0.0.1/'],
    ['a link-local IPv6 address', 'https://[fe80::1]/'],
    ['the host localhost', 'https://localhost/'],
    ['a host under .local', 'https://printer.local/'],
    ['a host under .localdomain', 'https://localhost.localdomain/'],
    ['a trailing dot', 'https://a.example./'],
    ['a host of a single label', 'https://intranet/'],
    ['the host of the platform', 'https://wharf.example/'],
    ['a subdomain of the platform', 'https://api.wharf.example/'],
    ['the host of a hosted server', 'https://hello--demo.mcp.wharf.example/mcp'],
    ['more than 2,048 characters', `https://a.example/${'x'.repeat(2_048)}`],
  ])('refuses a URL with %s before it sends a request', async (_, url) => {
    const { seen, get } = web({})
    await expect(get(url)).rejects.toThrow(
      /must be an https|must not contain|not allowed|not a public host name|a host of this platform|longer than/,
    )
    expect(seen).toEqual([])
  })

  it('follows a redirect and applies every rule to its target', async () => {
    const { get } = web({ 'https://a.example/': to('/next'), 'https://a.example/next': to('https://b.example/'), 'https://b.example/': ok })
    expect(await (await get('https://a.example/')).text()).toBe('ok')
    await expect(web({ 'https://a.example/': to('https://127.0.0.1/') }).get('https://a.example/')).rejects.toThrow(/not a public host/)
    await expect(web({ 'https://a.example/': to('http://a.example/') }).get('https://a.example/')).rejects.toThrow(/must be an https: URL/)
    await expect(
      web({ 'https://a.example/': to('https://b.example/') }, { allows: (name) => name === 'a.example' }).get('https://a.example/'),
    ).rejects.toThrow(/not in the list of allowed hosts/)
  })

  it('drops credentials when a redirect leaves the origin, and keeps them within the origin', async () => {
    const pages = { 'https://a.example/': to('https://b.example/'), 'https://a.example/same': to('/'), 'https://b.example/': ok }
    const { seen, get } = web(pages)
    await get('https://a.example/same', { headers: { Authorization: 'Bearer x', Cookie: 'a=b', 'X-Other': 'y' } })
    expect(seen.map(({ headers }) => [headers.get('Authorization'), headers.get('Cookie'), headers.get('X-Other')])).toEqual([
      ['Bearer x', 'a=b', 'y'],
      ['Bearer x', 'a=b', 'y'],
      [null, null, 'y'],
    ])
  })

  it('turns a POST into a GET after a 303, and refuses a 307 because the body cannot be sent again', async () => {
    const pages = { 'https://a.example/': to('/done', 303), 'https://a.example/keep': to('/done', 307), 'https://a.example/done': ok }
    const { seen, get } = web(pages)
    await get('https://a.example/', { method: 'POST', body: 'x' })
    expect(seen.at(-1)?.method).toBe('GET')
    await expect(get('https://a.example/keep', { method: 'POST', body: 'x' })).rejects.toThrow(/cannot be sent twice/)
  })

  it('refuses a request body larger than maxRequestBytes', async () => {
    const post = { method: 'POST', body: 'x'.repeat(1_001) }
    await expect(web({ 'https://a.example/': ok }).get('https://a.example/', post)).rejects.toThrow(/larger than 1000/)
    await expect(
      web({ 'https://a.example/': ok }, { maxRequestBytes: undefined }).get('https://a.example/', { method: 'POST', body: 'x' }),
    ).rejects.toThrow(/larger than 0/)
    expect((await web({ 'https://a.example/': ok }).get('https://a.example/', { method: 'POST', body: 'x' })).status).toBe(200)
  })

  it('stops after 5 redirects, and follows none in the redirect modes error and manual', async () => {
    await expect(web({ 'https://a.example/': to('/') }).get('https://a.example/')).rejects.toThrow(/more than 5 times/)
    await expect(web({ 'https://a.example/': to('/') }, { redirect: 'error' }).get('https://a.example/')).rejects.toThrow(/not followed/)
    expect((await web({ 'https://a.example/': to('/x') }, { redirect: 'manual' }).get('https://a.example/')).headers.get('Location')).toBe(
      '/x',
    )
  })

  it('stops reading at maxResponseBytes, with or without a Content-Length', async () => {
    const big = (headers?: HeadersInit) => () => new Response('x'.repeat(1_001), headers ? { headers } : {})
    const exact = () => new Response('x'.repeat(1_000))
    expect((await (await web({ 'https://a.example/': exact }).get('https://a.example/')).text()).length).toBe(1_000)
    await expect(
      web({ 'https://a.example/': big() })
        .get('https://a.example/')
        .then((response) => response.text()),
    ).rejects.toThrow(/larger than 1000/)
    await expect(web({ 'https://a.example/': big({ 'Content-Length': '1001' }) }).get('https://a.example/')).rejects.toThrow(
      /larger than 1000/,
    )
  })
})

describe('DEV_ORIGINS', () => {
  const local = parseAddresses('http://localhost:8787', '')
  const setting = '{"https://api.example.com":"http://127.0.0.1:9000"}'

  it('replaces an https origin by a loopback one, and the URL rules still apply to the https URL', async () => {
    const devOrigins = parseDevOrigins(setting, local)
    const { get } = web({ 'http://127.0.0.1:9000/x?y=1': ok }, { devOrigins, addresses: local })
    expect((await get('https://api.example.com/x?y=1')).status).toBe(200)
    await expect(get('http://127.0.0.1:9000/')).rejects.toThrow(/must be an https: URL/)
  })

  it('is ignored when PUBLIC_ORIGIN is not loopback', () => expect(parseDevOrigins(setting, addresses)).toEqual(new Map()))

  it.each([
    ['[]x'],
    ['{"http://a.example":"http://127.0.0.1:1"}'],
    ['{"https://a.example":"http://10.0.0.1:1"}'],
    ['{"https://a.example/":"http://127.0.0.1:1"}'],
    ['3'],
  ])('is refused when its value is %s', (bad) => expect(() => parseDevOrigins(bad, local)).toThrow(/DEV_ORIGINS must be/))
})
