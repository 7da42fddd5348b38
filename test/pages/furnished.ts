import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { connect, ScriptedProvider } from '../../scripts/scripted-client.ts'
import { ROOT } from '../../scripts/wrangler.ts'
import { PERSON, type Site, startSite } from '../system/support.ts'

/** A platform on which every page has something to show. */
export interface Furnished extends Site {
  tenant: string
  server: string
  /** An authorization request that shows a consent page: of an app on this computer, for every tool. */
  consentUrl: string
}

const BASE = '/api/tenants/demo'

export async function furnishedSite(): Promise<Furnished> {
  const site = await startSite()
  const { management, deployed, platform } = site
  const url = await deployed('everything', { access: 'signed-in', description: 'Everything the protocol has.' })
  await management.deploy('demo', 'everything', join(ROOT, 'examples/hello'))
  await management.call('POST', `${BASE}/servers/everything/versions/1/activate`)
  await deployed('hello')
  await management.call('POST', `${BASE}/servers`, { slug: 'empty', name: 'Nothing in it yet' })

  await callOnce(url)
  await management.call('PATCH', `${BASE}/servers/everything`, { clients: 'approved', registration: 'protected' })
  await management.call('POST', `${BASE}/servers/everything/client-approvals`, {
    clientId: 'https://app.example/client.json',
    state: 'refused',
  })
  await management.call('PUT', `${BASE}/servers/everything/environment`, { values: { API_URL: 'https://api.example.com/v1' } })
  await management.call('POST', `${BASE}/invitations`, { role: 'developer', email: 'new@example.com' })
  await management.call('POST', '/api/me/tokens', { name: 'laptop', tenant: 'demo', role: 'developer' })
  await management.call('POST', `${BASE}/servers/everything/initial-access-tokens`, { name: 'partner' })
  await management.call('POST', `${BASE}/servers/everything/access-keys`, { name: 'cron', scopes: ['mcp:read'] })
  const machine = await management.call('POST', `${BASE}/clients`, { name: 'Nightly job', grantTypes: ['client_credentials'] })
  const { clientId } = machine as { clientId: string }
  await management.call('PUT', `${BASE}/servers/everything/machine-grants/${clientId}`, { scopes: ['mcp:read'] })
  return { ...site, tenant: 'demo', server: 'everything', consentUrl: await consentUrl(`${platform.origin}/demo/hello`) }
}

/** An official client is let in, and calls. */
async function callOnce(url: string): Promise<void> {
  const client = await connect(url, new ScriptedProvider(PERSON), { pin: '2026-07-28' })
  await client.callTool({ name: 'test_simple_text', arguments: {} })
  await client.close()
}

async function consentUrl(issuer: string): Promise<string> {
  const redirectUri = 'http://127.0.0.1:33418/callback'
  const registration = await fetch(`${issuer}/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ client_name: 'An app', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' }),
  })
  const { client_id } = (await registration.json()) as { client_id: string }
  const challenge = createHash('sha256').update(randomBytes(32)).digest('base64url')
  return `${issuer}/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id,
    redirect_uri: redirectUri,
    scope: 'mcp:read mcp:write',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })}`
}
