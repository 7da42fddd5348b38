import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect, ScriptedProvider } from '../../scripts/scripted-client.ts'
import { PERSON, type Site, startSite } from './support.ts'

let site: Site
beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site?.stop())

const basic = (id: string, secret: string) => `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}`

/** Sends a form to an OAuth endpoint of the server and returns the status with the body. */
async function sendForm(url: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

it('no secret of any flow, accepted or refused, is in the state folder or in the output of the platform', async () => {
  const url = await site.deployed('hello')
  const server = '/api/tenants/demo/servers/hello'
  const issuer = url.replace(/\/mcp$/, '')
  const secrets = new Map<string, string>([['password', PERSON.password]])
  const keep = (name: string, value: string | undefined) => {
    expect(value, name).toMatch(/^\S{8,}/)
    secrets.set(name, value ?? '')
  }
  const create = async (path: string, body: object) => (await site.management.call('POST', path, body)) as Record<string, string>

  // secrets that the management API shows once, or takes
  keep('personal token', (await create('/api/me/tokens', { name: 'ci', tenant: 'demo', role: 'developer' }))['token'])
  keep('invitation', (await create('/api/tenants/demo/invitations', { role: 'viewer' }))['url']?.split('/').at(-1))
  keep('initial access token', (await create(`${server}/initial-access-tokens`, { name: 'apps' }))['token'])
  keep('access key', (await create(`${server}/access-keys`, { name: 'agent', scopes: ['mcp:read'] }))['key'])
  const client = await create('/api/tenants/demo/clients', { name: 'Nightly', grantTypes: ['client_credentials'] })
  const clientId = client['clientId'] ?? ''
  keep('client secret', client['secret'])
  keep('environment value', 'canary-environment-value')
  await site.management.call('PUT', `${server}/environment`, { values: { API_KEY: 'canary-environment-value' } })
  await site.management.call('PUT', `${server}/machine-grants/${encodeURIComponent(clientId)}`, { scopes: ['mcp:read'] })

  // tokens and codes of OAuth
  const provider = new ScriptedProvider(PERSON)
  const connected = await connect(url, provider, { pin: '2026-07-28' })
  await connected.callTool({ name: 'greet', arguments: { name: 'Ada' } })
  await connected.close()
  keep('access token', provider.stored.tokens?.access_token)
  keep('refresh token', provider.stored.tokens?.refresh_token)
  keep('authorization code', provider.callback?.searchParams.get('code') ?? undefined)
  keep('code verifier', provider.stored.verifier)
  const legacy = new ScriptedProvider(PERSON)
  await (await connect(url, legacy, 'legacy')).close()
  keep('access token of a session', legacy.stored.tokens?.access_token)
  const credentials = { Authorization: basic(clientId, client['secret'] ?? '') }
  const machine = await sendForm(`${issuer}/token`, { grant_type: 'client_credentials' }, credentials)
  expect(machine.status).toBe(200)
  keep('machine token', machine.body['access_token'])
  const device = await sendForm(`${issuer}/device_authorization`, { client_id: provider.stored.client?.client_id ?? '' })
  if (device.status === 200) keep('device code', device.body['device_code'])

  // secrets that are refused, in every place of a request
  keep('wrong password', 'canary-wrong-password')
  await fetch(`${site.platform.origin}/auth/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ email: PERSON.email, password: 'canary-wrong-password' }),
    headers: { Origin: site.platform.origin },
  })
  keep('refused value', 'canary-refused-value')
  const refused = 'canary-refused-value'
  await sendForm(`${issuer}/token`, { grant_type: 'refresh_token', refresh_token: refused, client_id: clientId, client_secret: refused })
  await sendForm(`${issuer}/token`, { grant_type: 'authorization_code', code: refused, code_verifier: refused, client_id: clientId })
  await sendForm(`${issuer}/revoke`, { token: refused }, { Authorization: basic(clientId, refused) })
  for (const path of [
    `/auth/invitation/${refused}`,
    `/device?user_code=${refused}`,
    `/auth/openid/callback?code=${refused}&state=${refused}`,
    `/demo/hello/mcp?access_token=${refused}`,
    `/demo/hello/authorize?client_id=${clientId}&code_challenge=${refused}&state=${refused}`,
    `/api/me?token=${refused}`,
  ])
    await fetch(site.platform.origin + path, { headers: { Authorization: `Bearer ${refused}`, Cookie: `session=${refused}` } })
  await sleep(1_500) // records are written in batches

  const found = [...secrets].filter(([, secret]) => isIn(site.state, secret) || site.log.some((line) => line.includes(secret)))
  expect(found.map(([name]) => name)).toEqual([])
})

/** Returns true if a file below the folder has the text, also in the write-ahead logs of SQLite. */
function isIn(folder: string, text: string): boolean {
  try {
    execFileSync('grep', ['-rlaF', '--', text, folder])
    return true
  } catch {
    return false // grep ends with 1 if no file has the text
  }
}
