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
  ])('reads %s and writes it back', (url, addresses, path) => {
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
    ['a host without a tenant', 'https://hello.mcp.wharf.example/mcp', hosted],
    ['a host with three names', 'https://a11--b11--c11.mcp.wharf.example/mcp', hosted],
    ['a host whose tenant is a path of the platform’s own', 'https://tenants--api.mcp.wharf.example/demo', hosted],
    ['a host over http', 'http://hello--demo.mcp.wharf.example/mcp', hosted],
    ['a trailing slash at a host', 'https://hello--demo.mcp.wharf.example/mcp/', hosted],
  ])('refuses %s', (_, url, addresses) => {
    expect(locate(new URL(url), addresses)).toBeUndefined()
  })

  it('tells a foreign host from a bad path', () => {
    expect(isOurHost(new URL('http://localhost:8787/x//y'), local)).toBe(true)
    expect(isOurHost(new URL('http://127.0.0.1:8787/'), local)).toBe(false)
  })
})

it.each([['a-b'], ['abc'], ['a1-b2-c3']])('takes the slug %s', (slug) => expect(isSlug(slug)).toBe(true))
it.each([['ab'], ['A-b'], ['a--b'], ['-ab'], ['ab-'], ['a_b'], ['a'.repeat(31)]])('refuses the slug %s', (slug) =>
  expect(isSlug(slug)).toBe(false),
)

it('names one issuer and one resource per form', () => {
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
])('refuses the addresses %s %s', (origin, host) => expect(() => parseAddresses(origin, host)).toThrow())
