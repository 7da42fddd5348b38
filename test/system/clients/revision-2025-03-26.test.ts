import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Browser } from '../../../scripts/browser.ts'
import { authorize } from '../../../scripts/browser-flows.ts'
import { PERSON, type Site, startSite } from '../support.ts'

/*
 * A client that follows revision 2025-03-26 ("Authorization") and nothing later. The authorization
 * base URL is the MCP endpoint without its path. The client uses the metadata there or the default
 * endpoints, registers, and uses PKCE. The client sends no `resource` and reads no protected
 * resource metadata.
 */

const REDIRECT_URI = 'http://localhost:8090/callback'
const REVISION = { 'MCP-Protocol-Version': '2025-03-26' }

let site: Site
let url: string
let other: string
beforeAll(async () => {
  site = await startSite()
  url = await site.deployed('hello')
  other = await site.deployed('weather')
})
afterAll(() => site?.stop())

interface Endpoints {
  authorization_endpoint: string
  token_endpoint: string
  registration_endpoint: string
}

const base = () => new URL(url).origin

async function byMetadata(): Promise<Endpoints> {
  const response = await fetch(`${base()}/.well-known/oauth-authorization-server`, { headers: REVISION })
  expect(response.status).toBe(200)
  return (await response.json()) as Endpoints
}

const byDefault = async (): Promise<Endpoints> => ({
  authorization_endpoint: `${base()}/authorize`,
  token_endpoint: `${base()}/token`,
  registration_endpoint: `${base()}/register`,
})

function rpc(at: string, token: string | undefined, message: object, session?: string): Promise<Response> {
  return fetch(at, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(session === undefined ? {} : { 'Mcp-Session-Id': session }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  })
}

const INITIALIZE = {
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'older', version: '1' } },
}

/** Opens a session and calls the tool `greet`. */
async function greet(token: string): Promise<string> {
  const initialized = await rpc(url, token, INITIALIZE)
  const session = initialized.headers.get('Mcp-Session-Id') ?? ''
  expect(await initialized.json()).toMatchObject({ result: { protocolVersion: '2025-03-26' } })
  expect((await rpc(url, token, { method: 'notifications/initialized' }, session)).status).toBe(202)
  const called = await rpc(url, token, { id: 2, method: 'tools/call', params: { name: 'greet', arguments: { name: 'Ada' } } }, session)
  const { result } = (await called.json()) as { result: { content: { text: string }[] } }
  return result.content[0]?.text ?? ''
}

it.each([
  ['metadata', byMetadata],
  ['the default endpoints', byDefault],
])('client of revision 2025-03-26 that has only the URL authorizes and calls a tool by %s', async (_, discover) => {
  expect((await rpc(url, undefined, INITIALIZE)).status).toBe(401)
  const endpoints = await discover()
  const registered = await fetch(endpoints.registration_endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...REVISION },
    body: JSON.stringify({
      client_name: 'Older app',
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    }),
  })
  expect(registered.status).toBe(201)
  const { client_id } = (await registered.json()) as { client_id: string }

  const verifier = randomBytes(32).toString('base64url')
  const asked = new URL(endpoints.authorization_endpoint)
  asked.search = new URLSearchParams({
    response_type: 'code',
    client_id,
    redirect_uri: REDIRECT_URI,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()
  const pages: string[] = []
  const back = await authorize(new Browser(base()), asked, PERSON, { onPage: (title) => pages.push(title), server: url })
  expect(pages).toEqual(['Sign in', 'Choose a server', expect.stringContaining('wants to use')])

  const token = async (form: Record<string, string>) => {
    const response = await fetch(endpoints.token_endpoint, { method: 'POST', body: new URLSearchParams({ client_id, ...form }) })
    expect(response.status).toBe(200)
    return (await response.json()) as { access_token: string; refresh_token: string }
  }
  const tokens = await token({
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: REDIRECT_URI,
    code_verifier: verifier,
  })
  expect(await greet(tokens.access_token)).toBe('Hello, Ada!')
  expect((await rpc(other, tokens.access_token, INITIALIZE)).status).toBe(401)
  const { access_token: next } = await token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token })
  expect(await greet(next)).toBe('Hello, Ada!')
})
