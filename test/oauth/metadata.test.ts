import { SIGNING_ALGORITHMS } from '../../protocol/oauth/signed-jwt.ts'
import { expect, it } from 'vitest'
import { createServer, fetchPlatform, ORIGIN, store, surfaceOf, type TestServer } from '../support/platform.ts'
import { tenants } from '../../store/schema/tenants.ts'
import { eq } from 'drizzle-orm'

const READ_ONLY = { name: 'look', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }
const WRITING = { name: 'change', inputSchema: { type: 'object' } }

const authorizationServerPaths = ({ tenant, slug }: TestServer) => [
  `/.well-known/oauth-authorization-server/${tenant.slug}/${slug}`,
  `/.well-known/openid-configuration/${tenant.slug}/${slug}`,
  `/${tenant.slug}/${slug}/.well-known/openid-configuration`,
]
const resourceMetadataPath = ({ tenant, slug }: TestServer) => `/.well-known/oauth-protected-resource/${tenant.slug}/${slug}/mcp`

it('authorization server metadata is the same at its three well-known URLs', async () => {
  const server = await createServer()
  const issuer = `${ORIGIN}/${server.tenant.slug}/${server.slug}`
  for (const path of authorizationServerPaths(server)) {
    const response = await fetchPlatform(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('Content-Type')).toBe('application/json')
    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(await response.json()).toEqual({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      registration_endpoint: `${issuer}/register`,
      revocation_endpoint: `${issuer}/revoke`,
      scopes_supported: ['mcp:read', 'mcp:write', 'offline_access'],
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      device_authorization_endpoint: `${server.urls.issuer}/device_authorization`,
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials', 'urn:ietf:params:oauth:grant-type:device_code'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: SIGNING_ALGORITHMS,
      revocation_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      revocation_endpoint_auth_signing_alg_values_supported: SIGNING_ALGORITHMS,
      client_id_metadata_document_supported: true,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      protected_resources: [`${issuer}/mcp`],
    })
  }
})

it('protected resource metadata lists the scopes that the 401 challenge names', async () => {
  const plain = await createServer({ code: '', surface: surfaceOf([READ_ONLY]) })
  const writing = await createServer({ code: '', surface: surfaceOf([READ_ONLY, WRITING]) })
  const least = await createServer({ code: '', surface: surfaceOf([WRITING]), settings: { challenge: 'least' } })
  for (const [server, scopes] of [
    [plain, ['mcp:read']],
    [writing, ['mcp:read', 'mcp:write']],
    [least, ['mcp:read']],
  ] as const) {
    const issuer = `${ORIGIN}/${server.tenant.slug}/${server.slug}`
    expect(await (await fetchPlatform(resourceMetadataPath(server))).json()).toEqual({
      resource: `${issuer}/mcp`,
      authorization_servers: [issuer],
      scopes_supported: scopes,
      bearer_methods_supported: ['header'],
      resource_name: server.slug,
    })
  }
})

it('metadata endpoints answer 404 for unknown or suspended servers and for URL variants', async () => {
  const server = await createServer()
  const suspended = await createServer()
  await store.update(tenants).set({ suspendedAt: new Date() }).where(eq(tenants.id, suspended.tenant.id))
  const { tenant, slug } = server
  const other = await createServer()
  for (const path of [
    `/.well-known/oauth-authorization-server/${tenant.slug}/nothing`,
    `/.well-known/oauth-authorization-server/${tenant.slug}/${other.slug}`,
    `/.well-known/oauth-protected-resource/nobody/${slug}/mcp`,
    ...authorizationServerPaths(suspended),
    resourceMetadataPath(suspended),
    `${resourceMetadataPath(server)}/`,
    `${resourceMetadataPath(server)}/more`,
    `/.well-known/oauth-protected-resource/${tenant.slug}//${slug}/mcp`,
    `/.well-known/oauth-protected-resource/${tenant.slug}/${slug}%2fmcp`,
    `/.well-known/oauth-protected-resource/${tenant.slug.toUpperCase()}/${slug}/mcp`,
    `/.well-known/oauth-protected-resource/${tenant.slug}/${slug}`,
    `/${tenant.slug}/${slug}/.well-known/oauth-authorization-server`,
    '/.well-known/oauth-protected-resource',
  ]) {
    expect((await fetchPlatform(path)).status, path).toBe(404)
  }
})

it('metadata endpoints ignore the Host and forwarding headers when they build URLs', async () => {
  const server = await createServer()
  const headers = { 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example', 'X-Forwarded-Proto': 'https' }
  for (const path of [...authorizationServerPaths(server), resourceMetadataPath(server)]) {
    expect(await (await fetchPlatform(path, { headers })).text()).not.toContain('evil.example')
    const elsewhere = path.endsWith('/mcp') ? 403 : 421
    expect((await fetchPlatform(new URL(path, 'http://evil.example').href)).status).toBe(elsewhere)
  }
})

it('metadata endpoints answer 405 to methods other than GET, HEAD and OPTIONS', async () => {
  const server = await createServer()
  for (const path of [...authorizationServerPaths(server), resourceMetadataPath(server)]) {
    const head = await fetchPlatform(path, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const preflight = await fetchPlatform(path, { method: 'OPTIONS' })
    expect([preflight.status, preflight.headers.get('Access-Control-Allow-Origin')]).toEqual([204, '*'])
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const refused = await fetchPlatform(path, { method })
      expect([refused.status, refused.headers.get('Allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    }
  }
})

// A browser reports a response without CORS headers as a network failure, and clients probe more
// well-known URLs than exist.
it('metadata endpoints send CORS headers with a 404 so that scripts can read the status', async () => {
  const { tenant, slug } = await createServer()
  for (const path of [
    '/.well-known/oauth-protected-resource',
    `/.well-known/oauth-authorization-server/${tenant.slug}/${slug}/mcp`,
    `/${tenant.slug}/${slug}/.well-known/oauth-authorization-server`,
    `/${tenant.slug}/${slug}/mcp/.well-known/openid-configuration`,
  ]) {
    const headers = { Origin: 'http://localhost:6274', 'Access-Control-Request-Method': 'GET' }
    const preflight = await fetchPlatform(path, { method: 'OPTIONS', headers })
    expect([path, preflight.status, preflight.headers.get('Access-Control-Allow-Origin')]).toEqual([path, 204, '*'])
    const missing = await fetchPlatform(path)
    expect([path, missing.status, missing.headers.get('Access-Control-Allow-Origin')]).toEqual([path, 404, '*'])
    expect(missing.headers.get('Content-Type')).toBe('application/problem+json')
  }
})
