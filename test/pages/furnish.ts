import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { connect, ScriptedProvider } from '../../scripts/scripted-client.ts'
import { ROOT } from '../../scripts/wrangler.ts'
import { PERSON, type Site } from '../system/support.ts'
import type { Addresses } from './addresses.ts'

const BASE = '/api/tenants/demo'
const REDIRECT_URI = 'http://127.0.0.1:33418/callback'

/** Creates an example of each object that a page shows, so that no page is empty. */
export async function furnish({ management, deployed, platform }: Site): Promise<Addresses> {
  const { origin } = platform
  const url = await deployed('everything', { access: 'signed-in', description: 'Everything the protocol has.' })
  await management.deploy('demo', 'everything', join(ROOT, 'examples/hello'))
  await management.call('POST', `${BASE}/servers/everything/versions/1/activate`)
  await deployed('hello')
  await management.call('POST', `${BASE}/servers`, { slug: 'empty', name: 'Nothing in it yet' })

  const everything = `${origin}/demo/everything`
  const installed = await useOnce(url)
  const another = await register(everything)
  await management.call('PATCH', `${BASE}/servers/everything`, { clients: 'approved', registration: 'protected' })
  const approvals = `${BASE}/servers/everything/client-approvals`
  await management.call('POST', approvals, { clientId: 'https://app.example/client.json', state: 'refused' })
  for (const clientId of [installed, another]) await management.call('POST', approvals, { clientId, state: 'approved' })
  await management.call('PUT', `${BASE}/servers/everything/environment`, { values: { API_URL: 'https://api.example.com/v1' } })
  await management.call('POST', `${BASE}/invitations`, { role: 'developer', email: 'new@example.com' })
  await management.call('POST', '/api/me/tokens', { name: 'laptop', tenant: 'demo', role: 'developer' })
  await management.call('POST', `${BASE}/servers/everything/initial-access-tokens`, { name: 'partner' })
  await management.call('POST', `${BASE}/servers/everything/access-keys`, { name: 'cron', scopes: ['mcp:read'] })
  const machine = await management.call('POST', `${BASE}/clients`, { name: 'Nightly job', grantTypes: ['client_credentials'] })
  const { clientId } = machine as { clientId: string }
  await management.call('PUT', `${BASE}/servers/everything/machine-grants/${clientId}`, { scopes: ['mcp:read'] })
  const provider = await management.call('POST', `${BASE}/identity-providers`, {
    name: 'Harbour staff',
    issuer: 'https://other-idp.example',
    trustsEmails: true,
    signIn: { clientId: 'wharf', clientSecret: 'only for these pages' },
  })
  const { user } = (await management.call('GET', '/api/me')) as { user: { id: string } }
  const links = `${BASE}/identity-providers/${(provider as { id: string }).id}/links`
  await management.call('POST', links, { subject: 'person-1', userId: user.id })
  const invitation = (await management.call('POST', `${BASE}/invitations`, { role: 'viewer' })) as { url: string }

  const hello = `${origin}/demo/hello`
  return {
    consent: authorizeUrl(hello, await register(hello)),
    consentOfMany: authorizeUrl(everything, another),
    consentAgain: authorizeUrl(everything, installed),
    rootChoice: authorizeUrl(origin, await register(origin)),
    device: await deviceUrl(hello),
    invitation: invitation.url,
    unknownClient: authorizeUrl(hello, 'nobody'),
  }
}

/** Authorizes an official client and calls two tools. Returns the client id. */
async function useOnce(url: string): Promise<string> {
  const provider = new ScriptedProvider(PERSON)
  const client = await connect(url, provider, { pin: '2026-07-28' })
  await client.callTool({ name: 'test_simple_text', arguments: {} })
  await client.callTool({ name: 'test_error_handling', arguments: {} })
  await client.close()
  return provider.stored.client?.client_id ?? ''
}

export async function register(issuer: string, name = 'An app', grantTypes = ['authorization_code', 'refresh_token']): Promise<string> {
  const registration = await fetch(`${issuer}/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      client_name: name,
      redirect_uris: [REDIRECT_URI],
      grant_types: grantTypes,
      token_endpoint_auth_method: 'none',
    }),
  })
  if (!registration.ok) throw new Error(`${issuer}/register returned ${registration.status}: ${await registration.text()}`)
  return ((await registration.json()) as { client_id: string }).client_id
}

export function authorizeUrl(issuer: string, clientId: string): string {
  return `${issuer}/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    scope: 'mcp:read mcp:write',
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
    code_challenge_method: 'S256',
  })}`
}

async function deviceUrl(issuer: string): Promise<string> {
  const clientId = await register(issuer, 'A television', ['urn:ietf:params:oauth:grant-type:device_code'])
  const answer = await fetch(`${issuer}/device_authorization`, { method: 'POST', body: new URLSearchParams({ client_id: clientId }) })
  if (!answer.ok) throw new Error(`device_authorization returned ${answer.status}: ${await answer.text()}`)
  return ((await answer.json()) as { verification_uri_complete: string }).verification_uri_complete
}
