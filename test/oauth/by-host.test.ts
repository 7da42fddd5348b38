import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { serverUrls } from '../../protocol/location.ts'
import worker from '../../workers/index.ts'
import { atRoot, authorizePath, callback, CHALLENGE, consentForm, consentPath, signedIn, VERIFIER, type Tokens } from '../support/oauth.ts'
import { createServer, type TestServer } from '../support/platform.ts'

/** An installation with a host name per hosted server in addition to the paths. */
const ORIGIN = 'https://wharf.example'
const SERVER_HOST = '*.mcp.example'
const addresses = { origin: ORIGIN, serverHost: 'mcp.example' }
const REDIRECT_URI = 'https://app.example/callback'

function send(url: string, init: RequestInit<IncomingRequestCfProperties> = {}): Promise<Response> {
  const request = new Request<unknown, IncomingRequestCfProperties>(url, { redirect: 'manual', ...init })
  return Promise.resolve(worker.fetch(request, { ...env, PUBLIC_ORIGIN: ORIGIN, SERVER_HOST }, createExecutionContext()))
}

const urlsOf = ({ tenant, slug }: TestServer, form: 'path' | 'host') => serverUrls({ tenant: tenant.slug, server: slug }, form, addresses)

async function registerAt(registrationEndpoint: string): Promise<string> {
  const response = await send(registrationEndpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'none' }),
  })
  expect(response.status).toBe(201)
  return (await response.json<{ client_id: string }>()).client_id
}

const tokenForm = (clientId: string, code: string) => ({
  method: 'POST',
  body: new URLSearchParams({ grant_type: 'authorization_code', client_id: clientId, code, code_verifier: VERIFIER }),
})

/** Headers of a browser in which the owner is signed in at the origin of the platform. */
async function ofOwner(server: TestServer): Promise<Record<string, string>> {
  const [[name = '', value = ''] = []] = (await signedIn(server.tenant.owner)).cookies
  return { Cookie: `__Host-${name}=${value}`, Origin: ORIGIN }
}

/** Approves the client as the owner, in a browser signed in at the origin of the platform. */
async function approve(
  server: TestServer,
  clientId: string,
  resource?: string,
  redirectUri = REDIRECT_URI,
): Promise<Record<string, string>> {
  const browser = await signedIn(server.tenant.owner)
  const [[name = '', value = ''] = []] = browser.cookies
  const cookies = new Map([[`__Host-${name}`, value]])
  const headers = () => ({ Cookie: [...cookies].map(([key, text]) => `${key}=${text}`).join('; '), Origin: ORIGIN })
  const change = { code_challenge: CHALLENGE, resource, redirect_uri: redirectUri }
  const page = await send(ORIGIN + authorizePath(server, { clientId, secret: undefined }, change), { headers: headers() })
  expect(page.status).toBe(200)
  for (const cookie of page.headers.getSetCookie()) {
    const [, key = '', text = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    cookies.set(key, text)
  }
  const form = new URLSearchParams({ ...(await consentForm(page)), decision: 'approve' })
  const approved = await send(ORIGIN + consentPath(server), { method: 'POST', headers: headers(), body: form })
  expect(approved.status).toBe(303)
  return callback(approved)
}

it('metadata describes the host form and the path form as separate issuers and resources', async () => {
  const server = await createServer()
  const { tenant, slug } = server
  const host = `https://${slug}--${tenant.slug}.mcp.example`
  const metadata = await (await send(`${host}/.well-known/oauth-authorization-server`)).json()
  expect(metadata).toMatchObject({
    issuer: host,
    authorization_endpoint: `${ORIGIN}/${tenant.slug}/${slug}/authorize`,
    token_endpoint: `${host}/token`,
    registration_endpoint: `${host}/register`,
    protected_resources: [`${host}/mcp`],
  })
  expect(await (await send(`${host}/.well-known/openid-configuration`)).json()).toEqual(metadata)
  expect(await (await send(`${host}/.well-known/oauth-protected-resource/mcp`)).json()).toMatchObject({
    resource: `${host}/mcp`,
    authorization_servers: [host],
  })
  expect(await (await send(`${ORIGIN}/.well-known/oauth-authorization-server/${tenant.slug}/${slug}`)).json()).toMatchObject({
    issuer: `${ORIGIN}/${tenant.slug}/${slug}`,
    protected_resources: [`${ORIGIN}/${tenant.slug}/${slug}/mcp`],
  })
})

it('page at a server host has its style sheets, script and typeface at the same host, and links to the platform', async () => {
  const server = await createServer({ code: 'export default {}' })
  const { resource } = urlsOf(server, 'host')
  const shown = await send(resource.replace(/mcp$/, ''))
  expect(shown.status).toBe(200)
  const text = await shown.text()
  const files = [...text.matchAll(/(?:src|href)="(\/dashboard\/[^"]+)"/g)].map(([, file = '']) => file)
  expect(files).toContain('/dashboard/pages.css')
  for (const file of files) expect([file, (await send(new URL(file, resource).href)).status]).toEqual([file, 200])
  expect(text).toContain(`href="${ORIGIN}/docs"`)
  for (const other of ['/dashboard/index.html', '/dashboard/assets/index.js', '/dashboard/fonts/../index.html'])
    expect((await send(new URL(other, resource).href)).status).toBe(404)
})

it('authorization endpoint at a server host redirects to the origin of the platform', async () => {
  const server = await createServer()
  const response = await send(`https://${server.slug}--${server.tenant.slug}.mcp.example/authorize?client_id=x&state=a%20b`)
  expect([response.status, response.headers.get('Location')]).toEqual([
    302,
    `${ORIGIN}/${server.tenant.slug}/${server.slug}/authorize?client_id=x&state=a%20b`,
  ])
})

it.each(['path', 'host'] as const)('token issued at the %s form of a server is invalid at the other form', async (form) => {
  const server = await createServer()
  const urls = urlsOf(server, form)
  const other = urlsOf(server, form === 'path' ? 'host' : 'path')
  const clientId = await registerAt(urls.registrationEndpoint)
  const { code = '', iss } = await approve(server, clientId)
  expect(iss).toBe(urls.issuer)
  expect((await send(other.tokenEndpoint, tokenForm(clientId, code))).status).toBe(401)
  const otherClient = await registerAt(other.registrationEndpoint)
  expect(await (await send(other.tokenEndpoint, tokenForm(otherClient, code))).json()).toMatchObject({ error: 'invalid_grant' })

  const response = await send(urls.tokenEndpoint, tokenForm(clientId, code))
  const tokens = await response.json<Tokens & { resource: string }>()
  expect(tokens).toMatchObject({ resource: urls.resource })
  const call = (at: string) => send(at, { method: 'POST', headers: { Authorization: `Bearer ${tokens.access_token}` }, body: '{}' })
  const refused = await call(other.resource)
  expect([refused.status, refused.headers.get('WWW-Authenticate')]).toEqual([401, expect.stringContaining(other.resourceMetadata)])
  expect((await call(urls.resource)).status).not.toBe(401)
})

it('server hosts answer 421 for host names that would map to pages of the platform', async () => {
  for (const [host, path] of [
    ['sign-in--auth', '/'], // would be /auth/sign-in
    ['openid--auth', '/callback'],
    ['tenants--api', '/demo'],
    ['index.html--dashboard', '/'],
    ['client--dashboard', '/'],
  ]) {
    const response = await send(`https://${host}.mcp.example${path}`, {
      headers: { Accept: 'text/html', Cookie: '__Host-wharf-sign-in=x' },
    })
    expect([response.status, await response.json()]).toEqual([421, expect.objectContaining({ title: 'Unknown host' })])
  }
})

it('authorization endpoint refuses the path resource when the client is registered at the host form', async () => {
  const server = await createServer()
  const clientId = await registerAt(urlsOf(server, 'host').registrationEndpoint)
  const path = authorizePath(server, { clientId, secret: undefined }, { resource: urlsOf(server, 'path').resource })
  const refused = await send(ORIGIN + path, { headers: await ofOwner(server) })
  expect(callback(refused)).toMatchObject({ error: 'invalid_target', iss: urlsOf(server, 'host').issuer })
})

it('dashboard client works at both forms and no other platform URL is accepted as a client id', async () => {
  const server = await createServer()
  const clientId = `${ORIGIN}/dashboard/client.json`
  const redirectUri = `${ORIGIN}/dashboard/oauth/callback`
  expect(await (await send(clientId)).json()).toMatchObject({ client_id: clientId, redirect_uris: [redirectUri] })
  for (const form of ['path', 'host'] as const) {
    const { issuer, resource, tokenEndpoint } = urlsOf(server, form)
    const { code = '', iss } = await approve(server, clientId, resource, redirectUri)
    expect(iss).toBe(issuer)
    const { body } = tokenForm(clientId, code)
    body.set('redirect_uri', redirectUri)
    expect((await send(tokenEndpoint, { method: 'POST', body })).status).toBe(200)
  }
  const refused = await send(urlsOf(server, 'path').tokenEndpoint, tokenForm(`${clientId}?`, 'x'))
  expect([refused.status, await refused.text()]).toEqual([401, expect.stringContaining('is a host of this platform')])
})

it('root issuer issues tokens for the path form and refuses the host form', async () => {
  const server = await createServer()
  const [byPath, host] = [urlsOf(server, 'path'), urlsOf(server, 'host')]
  const metadata = await (await send(`${ORIGIN}/.well-known/oauth-authorization-server`)).json<Record<string, string>>()
  expect(metadata).toMatchObject({ issuer: ORIGIN, token_endpoint: `${ORIGIN}/token` })
  const clientId = await registerAt(metadata['registration_endpoint'] ?? '')
  const client = { clientId, secret: undefined }
  const path = authorizePath(atRoot(server), client, { resource: host.resource })
  const refused = await send(ORIGIN + path, { headers: await ofOwner(server) })
  expect(callback(refused)).toMatchObject({ error: 'invalid_target', iss: ORIGIN })
  const { code = '', iss } = await approve(atRoot(server), clientId, byPath.resource)
  expect(iss).toBe(ORIGIN)
  const { access_token: token } = await (await send(`${ORIGIN}/token`, tokenForm(clientId, code))).json<Tokens>()
  const call = async (at: string) => (await send(at, { method: 'POST', headers: { Authorization: `Bearer ${token}` }, body: '{}' })).status
  expect(await call(host.resource)).toBe(401)
  expect(await call(byPath.resource)).not.toBe(401)
})
