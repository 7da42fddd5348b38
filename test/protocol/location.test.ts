import { describe, expect, it } from 'vitest'
import { isOurHost, isSlug, locate, parseAddresses, serverUrls, toUrl } from '../../protocol/location.ts'

const local = parseAddresses('http://localhost:8787', '')
const hosted = parseAddresses('https://wharf.example', '*.mcp.wharf.example')

describe('locate', () => {
  it.each([
    ['http://localhost:8787/', local, '/'],
    ['http://localhost:8787/demo/hello/mcp', local, '/demo/hello/mcp'],
    [
      'http://localhost:8787/.well-known/oauth-protected-resource/demo/hello/mcp',
      local,
      '/.well-known/oauth-protected-resource/demo/hello/mcp',
    ],
    ['https://hello--demo.mcp.wharf.example/', hosted, '/demo/hello'],
    ['https://hello--demo.mcp.wharf.example/mcp', hosted, '/demo/hello/mcp'],
    [
      'https://hello--demo.mcp.wharf.example/.well-known/oauth-authorization-server',
      hosted,
      '/.well-known/oauth-authorization-server/demo/hello',
    ],
    [
      'https://hello--demo.mcp.wharf.example/.well-known/oauth-protected-resource/mcp',
      hosted,
      '/.well-known/oauth-protected-resource/demo/hello/mcp',
    ],
  ])('maps %s to a path and back', (url, addresses, path) => {
    const location = locate(new URL(url), addresses)
    expect(location?.path).toBe(path)
    expect(toUrl(location!, addresses)).toBe(url)
  })

  it.each([
    ['a trailing slash', 'http://localhost:8787/demo/hello/mcp/', local],
    ['a doubled slash', 'http://localhost:8787/demo//hello/mcp', local],
    ['an escape', 'http://localhost:8787/demo/h%65llo/mcp', local],
    ['another host', 'http://evil.example/demo/hello/mcp', local],
    ['another port', 'http://localhost:8788/demo/hello/mcp', local],
    ['a host name without a tenant', 'https://hello.mcp.wharf.example/mcp', hosted],
    ['a host name of three parts', 'https://a11--b11--c11.mcp.wharf.example/mcp', hosted],
    ['a reserved word as its tenant', 'https://tenants--api.mcp.wharf.example/demo', hosted],
    ['plain http at the host of a hosted server', 'http://hello--demo.mcp.wharf.example/mcp', hosted],
    ['a trailing slash at the host of a hosted server', 'https://hello--demo.mcp.wharf.example/mcp/', hosted],
  ])('refuses a URL with %s', (_, url, addresses) => {
    expect(locate(new URL(url), addresses)).toBeUndefined()
  })

  it('isOurHost is true for a bad path at the platform and false for a foreign host', () => {
    expect(isOurHost(new URL('http://localhost:8787/x//y'), local)).toBe(true)
    expect(isOurHost(new URL('http://127.0.0.1:8787/'), local)).toBe(false)
  })
})

it.each([['a-b'], ['abc'], ['a1-b2-c3']])('isSlug accepts %s', (slug) => expect(isSlug(slug)).toBe(true))
it.each([['ab'], ['A-b'], ['a--b'], ['-ab'], ['ab-'], ['a_b'], ['a'.repeat(31)]])('isSlug refuses %s', (slug) =>
  expect(isSlug(slug)).toBe(false),
)

it('serverUrls returns the issuer, resource and endpoints of both URL forms', () => {
  const name = { tenant: 'demo', server: 'hello' }
  expect(serverUrls(name, 'path', hosted)).toMatchObject({
    issuer: 'https://wharf.example/demo/hello',
    resource: 'https://wharf.example/demo/hello/mcp',
    authorizationEndpoint: 'https://wharf.example/demo/hello/authorize',
  })
  expect(serverUrls(name, 'host', hosted)).toMatchObject({
    issuer: 'https://hello--demo.mcp.wharf.example',
    resource: 'https://hello--demo.mcp.wharf.example/mcp',
    authorizationEndpoint: 'https://wharf.example/demo/hello/authorize',
    tokenEndpoint: 'https://hello--demo.mcp.wharf.example/token',
  })
})

it.each([
  ['http://localhost:8787/', ''],
  ['localhost', ''],
  ['http://localhost:8787', '*.mcp.example.com'],
  ['https://wharf.example', 'mcp.example.com'],
])('parseAddresses refuses PUBLIC_ORIGIN "%s" with SERVER_HOST "%s"', (origin, host) =>
  expect(() => parseAddresses(origin, host)).toThrow(),
)
