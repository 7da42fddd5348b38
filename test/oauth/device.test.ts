import { and, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { parseUserCode, shownUserCode } from '../../protocol/oauth/device-authorization.ts'
import { clientApprovals } from '../../store/schema/clients.ts'
import { deviceAuthorizations, grants, tokens } from '../../store/schema/grants.ts'
import { hostedServers } from '../../store/schema/servers.ts'
import { auditEvents, members } from '../../store/schema/tenants.ts'
import { callModern, wireServer } from '../support/modern.ts'
import {
  callback,
  consentForm,
  consentPath,
  createClient,
  refresh,
  ROOT_CLIENT,
  signedIn,
  untilLimited,
  Browser,
  type TestClient,
  type Tokens,
} from '../support/oauth.ts'
import { createProvider, signInThrough, markInvitedByEmail } from '../support/openid.ts'
import {
  addMember,
  createServer,
  createTenant,
  createUser,
  fetchPlatform,
  freshSlug,
  ORIGIN,
  store,
  surfaceOf,
  type TestServer,
} from '../support/platform.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const TOOLS = [
  { name: 'look', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  { name: 'wipe', inputSchema: { type: 'object' } },
]
const CODE = wireServer(`{ look: async () => ({ content: [] }), wipe: async () => ({ content: [] }) }`)

interface Started {
  device_code: string
  user_code: string
  verification_uri: string
  verification_uri_complete: string
  expires_in: number
  interval: number
}

interface Device {
  server: TestServer
  client: TestClient
  codes: Started
}

function post(server: TestServer, endpoint: string, form: Record<string, string | undefined>, headers: Record<string, string> = {}) {
  const body = new URLSearchParams(Object.entries(form).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  return fetchPlatform(`/${server.tenant.slug}/${server.slug}/${endpoint}`, { method: 'POST', body, headers })
}

const asDevice = { grantTypes: [GRANT, 'refresh_token'], redirectUris: [], responseTypes: [], name: 'Television' }

async function ask(server: TestServer, client: TestClient, form: Record<string, string | undefined> = {}, address = freshSlug('ip')) {
  return post(
    server,
    'device_authorization',
    { client_id: client.clientId, client_secret: client.secret, ...form },
    { 'CF-Connecting-IP': address },
  )
}

async function start(form: Record<string, string> = {}, settings: Parameters<typeof createClient>[1] = {}): Promise<Device> {
  const server = await createServer({ code: CODE, surface: surfaceOf(TOOLS) })
  const client = await createClient(server, { ...asDevice, ...settings })
  const response = await ask(server, client, form)
  expect(response.status).toBe(200)
  return { server, client, codes: await response.json<Started>() }
}

function poll({ server, client, codes }: Device, change: Record<string, string | undefined> = {}) {
  return post(server, 'token', {
    grant_type: GRANT,
    client_id: client.clientId,
    client_secret: client.secret,
    device_code: codes.device_code,
    ...change,
  })
}

async function errorOf(response: Response): Promise<[number, string]> {
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  const { error } = await response.json<{ error: string }>()
  return [response.status, error]
}

/** Moves the last poll in the row back by a minute. */
const skipMinute = ({ codes }: Device) => touch(codes, { polledAt: new Date(Date.now() - 60_000) })

async function touch(codes: Started, change: Partial<typeof deviceAuthorizations.$inferInsert>) {
  const [row] = await store
    .select()
    .from(deviceAuthorizations)
    .where(eq(deviceAuthorizations.deviceCodeHash, await hashOf(codes)))
  await store
    .update(deviceAuthorizations)
    .set(change)
    .where(eq(deviceAuthorizations.deviceCodeHash, row?.deviceCodeHash ?? ''))
}

async function hashOf({ device_code }: Started): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(device_code))).toHex()
}

/** Enters a user code, from a fresh IP address because attempts are limited by address. */
const enterCode = (browser: Browser, code: string, headers: Record<string, string> = { Origin: ORIGIN }) =>
  browser.post('/device', { user_code: code }, { 'CF-Connecting-IP': freshSlug('ip'), ...headers })

async function decide({ server, codes }: Device, decision: 'approve' | 'deny', without: string[] = [], browser?: Browser) {
  const userBrowser = browser ?? (await signedIn(server.tenant.owner))
  const page = await enterCode(userBrowser, codes.user_code)
  expect(page.status).toBe(200)
  const form = Object.entries(await consentForm(page)).filter(([name]) => !without.includes(name))
  return userBrowser.post(consentPath(server), { ...Object.fromEntries(form), decision })
}

describe('device', () => {
  it('gets a device code, a user code, the verification URLs and the polling interval', async () => {
    const { server, codes } = await start()
    expect(codes).toEqual({
      device_code: expect.stringMatching(/^[\w-]{43}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: `${ORIGIN}/device`,
      verification_uri_complete: `${ORIGIN}/device?user_code=${codes.user_code}&tenant=${server.tenant.slug}`,
      expires_in: 600,
      interval: 5,
    })
  })

  it('gets authorization_pending, then tokens once after approval', async () => {
    const device = await start({ scope: 'mcp:read mcp:write offline_access' })
    expect(await errorOf(await poll(device))).toEqual([400, 'authorization_pending'])
    const decided = await decide(device, 'approve')
    expect([decided.status, decided.headers.get('Location')]).toEqual([303, `${ORIGIN}/device?outcome=allowed`])

    const response = await poll(device)
    expect([response.status, response.headers.get('Cache-Control')]).toEqual([200, 'no-store'])
    const issued = await response.json<Tokens>()
    expect(issued).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: 'mcp:read mcp:write offline_access' })
    const { server, client } = device
    expect((await callModern(server, { token: issued.access_token, params: { name: 'wipe' } })).status).toBe(200)
    expect((await refresh(server, client, issued.refresh_token)).status).toBe(200)

    expect(await errorOf(await poll(device))).toEqual([400, 'invalid_grant'])
    expect((await callModern(server, { token: issued.access_token, params: { name: 'wipe' } })).status).toBe(200)
    expect(await store.select().from(deviceAuthorizations).where(eq(deviceAuthorizations.serverId, server.id))).toEqual([])
  })

  it('gets one valid token pair when it polls ten times at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      const device = await start()
      await decide(device, 'approve')
      const answers = await Promise.all(Array.from({ length: 10 }, () => poll(device)))
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 400)])
      const issued = await answers.find(({ ok }) => ok)!.json<Tokens>()
      expect((await callModern(device.server, { token: issued.access_token, params: { name: 'look' } })).status).toBe(200)
      expect(await store.select().from(tokens).where(eq(tokens.serverId, device.server.id))).toHaveLength(1)
    }
  })

  it('gets slow_down and an interval five seconds longer each time it polls too soon', async () => {
    const device = await start()
    const interval = async () =>
      (await store.select().from(deviceAuthorizations).where(eq(deviceAuthorizations.serverId, device.server.id)))[0]?.interval
    expect(await errorOf(await poll(device))).toEqual([400, 'authorization_pending'])
    expect(await errorOf(await poll(device))).toEqual([400, 'slow_down'])
    expect(await errorOf(await poll(device))).toEqual([400, 'slow_down'])
    expect(await interval()).toBe(15)
    await touch(device.codes, { polledAt: new Date(Date.now() - 13_000) })
    expect(await errorOf(await poll(device))).toEqual([400, 'slow_down'])
    await skipMinute(device)
    expect(await errorOf(await poll(device))).toEqual([400, 'authorization_pending'])
    expect(await interval()).toBe(20)
    await skipMinute(device)
    const together = await Promise.all([poll(device), poll(device), poll(device)])
    const errors = (await Promise.all(together.map(errorOf))).map(([, error]) => error)
    expect(errors.toSorted()).toEqual(['authorization_pending', 'slow_down', 'slow_down'])
  })

  it('gets access_denied on every poll after the user denied', async () => {
    const device = await start()
    const decided = await decide(device, 'deny')
    expect(decided.headers.get('Location')).toBe(`${ORIGIN}/device?outcome=denied`)
    for (let n = 0; n < 2; n++) expect(await errorOf(await poll(device))).toEqual([400, 'access_denied'])
    expect(await store.select().from(grants).where(eq(grants.serverId, device.server.id))).toEqual([])
  })

  it('gets expired_token when its code has expired, even after approval', async () => {
    const [waiting, approved] = [await start(), await start()]
    await decide(approved, 'approve')
    for (const device of [waiting, approved]) {
      await touch(device.codes, { expiresAt: new Date(Date.now() - 1000) })
      expect(await errorOf(await poll(device))).toEqual([400, 'expired_token'])
    }
    expect((await enterCode(await signedIn(waiting.server.tenant.owner), waiting.codes.user_code)).status).toBe(400)
  })

  it('gets its tokens when it polls minutes after the approval', async () => {
    const device = await start()
    await decide(device, 'approve')
    const later = new Date(Date.now() - 300_000)
    await store.update(grants).set({ createdAt: later }).where(eq(grants.serverId, device.server.id))
    const [grant] = await store.select().from(grants).where(eq(grants.serverId, device.server.id))
    expect(grant?.expiresAt?.getTime()).toBeGreaterThan(Date.now() + 590_000)
    expect((await poll(device)).status).toBe(200)
  })

  it('gets the scopes and tools that the user left ticked', async () => {
    const device = await start({ scope: 'mcp:read mcp:write' })
    await decide(device, 'approve', ['tool-0', 'write'])
    expect(await (await poll(device)).json()).toMatchObject({ scope: 'mcp:read' })
    const [grant] = await store.select().from(grants).where(eq(grants.serverId, device.server.id))
    expect(grant).toMatchObject({ tools: ['wipe'], scopes: ['mcp:read'], redirectUri: `${ORIGIN}/device`, clientName: 'Television' })
    const browser = await signedIn(device.server.tenant.owner)
    expect(await (await browser.get('/api/me/grants')).json()).toMatchObject({ items: [{ redirectUri: null }] })
    const audited = await store.select().from(auditEvents).where(eq(auditEvents.serverId, device.server.id))
    expect(audited).toMatchObject([{ action: 'grant.approved', detail: { grantId: grant?.id } }])
  })

  it('gets no refresh token when its client lacks the refresh_token grant type', async () => {
    const device = await start({}, { grantTypes: [GRANT] })
    await decide(device, 'approve')
    expect(await (await poll(device)).json()).not.toHaveProperty('refresh_token')
  })

  it('gets 401 when its confidential client sends no secret or a wrong one', async () => {
    const device = await start({}, { secret: 'a secret of some length' })
    for (const client_secret of [undefined, 'wrong']) {
      expect(await errorOf(await ask(device.server, device.client, { client_secret }))).toEqual([401, 'invalid_client'])
      expect(await errorOf(await poll(device, { client_secret }))).toEqual([401, 'invalid_client'])
    }
  })

  it('gets invalid_grant for an unknown device code or that of another client or server', async () => {
    const device = await start()
    const other = await createClient(device.server, asDevice)
    const neighbour = await createServer({ tenant: device.server.tenant, code: CODE, surface: surfaceOf(TOOLS) })
    const there = await createClient(neighbour, asDevice)
    await decide(device, 'approve')
    for (const refused of [
      await poll(device, { client_id: other.clientId }),
      await poll({ ...device, server: neighbour, client: there }),
      await poll(device, { device_code: 'x'.repeat(43) }),
      await poll(device, { device_code: device.codes.user_code }),
    ])
      expect(await errorOf(refused)).toEqual([400, 'invalid_grant'])
    expect(await errorOf(await poll(device, { device_code: undefined }))).toEqual([400, 'invalid_request'])
    expect((await poll(device)).status).toBe(200)
  })

  it('gets invalid_grant when its user left the tenant or its client was refused', async () => {
    for (const ended of ['user', 'app'] as const) {
      const device = await start()
      const { server, client } = device
      const user = await addMember(server.tenant, 'viewer')
      await decide(device, 'approve', [], await signedIn(user))
      if (ended === 'user') await store.delete(members).where(and(eq(members.tenantId, server.tenant.id), eq(members.userId, user.id)))
      else {
        await store.update(hostedServers).set({ clients: 'approved' }).where(eq(hostedServers.id, server.id))
        await store
          .insert(clientApprovals)
          .values({ tenantId: server.tenant.id, serverId: server.id, clientId: client.clientId, state: 'refused' })
      }
      expect(await errorOf(await poll(device))).toEqual([400, 'invalid_grant'])
    }
  })
})

describe('device authorization endpoint', () => {
  it('is listed in the metadata', async () => {
    const server = await createServer()
    const metadata = await (await fetchPlatform(`/.well-known/oauth-authorization-server/${server.tenant.slug}/${server.slug}`)).json()
    expect(metadata).toMatchObject({
      device_authorization_endpoint: `${server.urls.issuer}/device_authorization`,
      grant_types_supported: expect.arrayContaining([GRANT]),
    })
  })

  it('accepts clients registered for the grant type, even without redirect URIs', async () => {
    const server = await createServer()
    const register = (metadata: Record<string, unknown>) =>
      fetchPlatform(`/${server.tenant.slug}/${server.slug}/register`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ client_name: 'Television', token_endpoint_auth_method: 'none', ...metadata }),
      })
    const registered = await register({ grant_types: [GRANT, 'refresh_token'] })
    expect(registered.status).toBe(201)
    const client = await registered.json<{ client_id: string }>()
    expect(client).toMatchObject({ grant_types: ['refresh_token', GRANT], response_types: [], redirect_uris: [] })
    expect((await ask(server, { clientId: client.client_id, secret: undefined })).status).toBe(200)
    expect(await errorOf(await register({ grant_types: ['refresh_token'] }))).toEqual([400, 'invalid_client_metadata'])
    expect(await errorOf(await register({ grant_types: [GRANT], response_types: ['token'] }))).toEqual([400, 'invalid_client_metadata'])
    expect(await errorOf(await register({ grant_types: [GRANT, 'authorization_code'] }))).toEqual([400, 'invalid_redirect_uri'])
  })

  it.each([
    ['a client not registered for the grant type', { settings: { grantTypes: ['authorization_code'] } }, 'unauthorized_client', 400],
    ['an unknown client', { form: { client_id: 'nobody' } }, 'invalid_client', 401],
    ['a malformed scope', { form: { scope: 'mcp:read"' } }, 'invalid_scope', 400],
    ['another resource', { form: { resource: 'https://other.example/mcp' } }, 'invalid_target', 400],
  ])('refuses %s', async (_, { form = {}, settings = {} }: { form?: Record<string, string>; settings?: object }, error, status) => {
    const server = await createServer()
    const client = await createClient(server, { ...asDevice, ...settings })
    expect(await errorOf(await ask(server, client, form))).toEqual([status, error])
  })

  it('accepts a client registered at the root issuer only when registration is open', async () => {
    const asked = async (registration: 'open' | 'closed') => {
      const server = await createServer({ settings: { registration } })
      return ask(server, await createClient(server, { ...asDevice, ...ROOT_CLIENT }))
    }
    expect((await asked('open')).status).toBe(200)
    const refused = await asked('closed')
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'unauthorized_client' }])
  })

  it('token endpoint refuses a poll by a client not registered for the grant type', async () => {
    const device = await start()
    const other = await createClient(device.server)
    expect(await errorOf(await poll(device, { client_id: other.clientId }))).toEqual([400, 'unauthorized_client'])
  })

  it('answers 405 to methods other than POST and OPTIONS and allows all origins', async () => {
    const { server } = await start()
    const path = `/${server.tenant.slug}/${server.slug}/device_authorization`
    const refused = await fetchPlatform(path)
    expect([refused.status, refused.headers.get('Allow')]).toEqual([405, 'POST, OPTIONS'])
    const preflight = await fetchPlatform(path, {
      method: 'OPTIONS',
      headers: { Origin: 'https://app.example', 'Access-Control-Request-Method': 'POST' },
    })
    expect(preflight.headers.get('Access-Control-Allow-Origin')).toBe('*')
  })

  it('answers 429 per address, stores a bounded number of rows and still serves other clients in a flood', async () => {
    const { server, client } = await start()
    const { limited } = await untilLimited(() => ask(server, client, {}, 'one address'))
    expect([limited.headers.get('Retry-After'), (await limited.json<{ error: string }>()).error]).toEqual(['60', 'temporarily_unavailable'])
    const rows = await store.select().from(deviceAuthorizations).where(eq(deviceAuthorizations.serverId, server.id))
    expect(rows).toHaveLength(51) // fifty of one address and the first
    const good: Device = { server, client: await createClient(server, asDevice), codes: {} as Started }
    good.codes = await (await ask(server, good.client)).json<Started>()
    for (let n = 0; n < 20; n++) await ask(server, client)
    await decide(good, 'approve')
    expect((await poll(good)).status).toBe(200)
  })

  it('stores no device code, user code or authorization code in plain text', async () => {
    const device = await start()
    await decide(device, 'approve')
    const [row] = await store.select().from(deviceAuthorizations).where(eq(deviceAuthorizations.serverId, device.server.id))
    const text = JSON.stringify(row)
    for (const secret of [device.codes.device_code, device.codes.user_code, device.codes.user_code.replace('-', '')]) {
      expect(text).not.toContain(secret)
    }
    const [grant] = await store.select().from(grants).where(eq(grants.serverId, device.server.id))
    expect(row?.sealedCode).not.toContain(grant?.id)
    const plain = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(device.codes.user_code.replace('-', '')))
    expect(row?.userCodeHash).not.toBe(new Uint8Array(plain).toHex())
  })
})

describe('device page', () => {
  it('redirects to sign-in and keeps the user code', async () => {
    const { codes } = await start()
    const path = `/device?user_code=${codes.user_code}`
    const sent = await fetchPlatform(path)
    const back = `/auth/sign-in?continue=${encodeURIComponent(path)}`
    expect([sent.status, sent.headers.get('Location')]).toEqual([303, back])
    const posted = await fetchPlatform('/device', {
      method: 'POST',
      body: new URLSearchParams({ user_code: codes.user_code }),
      headers: { Origin: ORIGIN },
    })
    expect([posted.status, posted.headers.get('Location')]).toEqual([303, back])
  })

  it('fills in the user code of the URL without looking it up', async () => {
    const { server, codes } = await start()
    const browser = await signedIn(server.tenant.owner)
    const page = await browser.get(`/device?user_code=${codes.user_code}`)
    const text = await page.text()
    expect(text).toContain(`value="${codes.user_code}"`)
    for (const hidden of ['Television', server.slug, server.tenant.slug]) expect(text).not.toContain(hidden)
    expect(page.headers.get('Cache-Control')).toBe('no-store')
    expect(page.headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'")
    expect(await (await browser.get('/device?user_code=%3Cscript%3E"')).text()).not.toContain('<script>')
  })

  it('shows a consent page with the app, the address of the device, the code and a warning', async () => {
    const { server, client } = await start()
    const codes = await (await ask(server, client, {}, '203.0.113.7')).json<Started>()
    const page = await enterCode(await signedIn(server.tenant.owner), ` ${codes.user_code.toLowerCase().replace('-', ' ')} `)
    const text = await page.text()
    expect(page.status).toBe(200)
    for (const shown of [
      'An app on a device',
      'Television',
      '203.0.113.7',
      'just now',
      codes.user_code,
      'Continue only if you started this on your own device',
    ])
      expect(text).toContain(shown)
    expect(text).not.toContain('Redirect URI')
    expect(page.headers.get('Content-Security-Policy')).toContain("form-action 'self';")
  })

  it('shows the same error for unknown, malformed, expired, denied and forbidden codes', async () => {
    const device = await start()
    const { server, codes } = device
    const denied = await start()
    await decide(denied, 'deny')
    const expired = await start()
    await touch(expired.codes, { expiresAt: new Date() })
    const owner = await signedIn(server.tenant.owner)
    const stranger = await signedIn(await createUser())
    const answers = [
      await enterCode(owner, 'BBBB-BBBB'),
      await enterCode(owner, 'nonsense at all'),
      await enterCode(owner, ''),
      await enterCode(await signedIn(denied.server.tenant.owner), denied.codes.user_code),
      await enterCode(await signedIn(expired.server.tenant.owner), expired.codes.user_code),
      await enterCode(stranger, codes.user_code),
    ]
    const errors = await Promise.all(answers.map(async (answer) => [answer.status, /id="fault">([^<]*)/.exec(await answer.text())?.[1]]))
    expect(new Set(errors.map((error) => JSON.stringify(error))).size).toBe(1)
    expect(errors[0]).toEqual([400, expect.stringContaining('This code is not valid')])
  })

  it('answers 429 when a user tries more than ten codes a minute', async () => {
    const browser = await signedIn(await createUser())
    const statuses = []
    for (let n = 0; n < 25 && statuses.at(-1) !== 429; n++) {
      statuses.push((await enterCode(browser, 'BBBB-BBBB')).status)
    }
    expect(statuses.at(-1)).toBe(429)
    const others = await signedIn(await createUser())
    expect((await enterCode(others, 'BBBB-BBBB')).status).toBe(400)
  })

  it('answers 403 when the form comes from another origin', async () => {
    const { server, codes } = await start()
    const browser = await signedIn(server.tenant.owner)
    for (const headers of [{ Origin: 'https://evil.example' }, {} as Record<string, string>])
      expect((await enterCode(browser, codes.user_code, headers)).status).toBe(403)
    expect((await browser.get('/device', { method: 'PUT', headers: { Origin: ORIGIN } })).status).toBe(405)
  })

  it('accepts only the first decision when two users enter the same code', async () => {
    const device = await start()
    const { server, codes } = device
    const [first, second] = [await signedIn(server.tenant.owner), await signedIn(await addMember(server.tenant, 'viewer'))]
    const pages = [await enterCode(first, codes.user_code), await enterCode(second, codes.user_code)]
    const forms = [await consentForm(pages[0]!), await consentForm(pages[1]!)]
    expect((await first.post(consentPath(server), { ...forms[0], decision: 'approve' })).status).toBe(303)
    for (const decision of ['approve', 'deny']) expect((await second.post(consentPath(server), { ...forms[1], decision })).status).toBe(400)
    expect(await store.select().from(grants).where(eq(grants.serverId, server.id))).toMatchObject([{ userId: server.tenant.owner.id }])
    expect((await poll(device)).status).toBe(200)
  })

  it('refuses an app that is not approved, even when approval became required while the page was open', async () => {
    const device = await start()
    const { server, codes } = device
    const browser = await signedIn(server.tenant.owner)
    const form = await consentForm(await enterCode(browser, codes.user_code))
    await store.update(hostedServers).set({ clients: 'approved' }).where(eq(hostedServers.id, server.id))
    const waiting = await enterCode(browser, codes.user_code)
    expect([waiting.status, await waiting.text()]).toEqual([403, expect.stringContaining('the app is on the waiting list')])
    const decided = await browser.post(consentPath(server), { ...form, decision: 'approve' })
    expect(decided.headers.get('Location')).toBe(`${ORIGIN}/device?outcome=refused`)
    expect(callback(decided)).not.toHaveProperty('code')
    expect(await errorOf(await poll(device))).toEqual([400, 'access_denied'])
  })

  it.each([
    ['allowed', 'Return to your device'],
    ['denied', 'gets no access'],
    ['refused', 'can no longer use the server'],
  ])('shows the outcome %s', async (outcome, text) => {
    expect(await (await fetchPlatform(`/device?outcome=${outcome}`)).text()).toContain(text)
  })
})

describe('user signed in through the provider of a tenant', () => {
  it('is offered the provider at the verification URL and can approve devices of the tenant', async () => {
    const device = await start()
    const { server, codes } = device
    const member = await addMember(server.tenant, 'viewer')
    const provider = await createProvider(server.tenant, 'https://idp-0.example')
    await markInvitedByEmail(server.tenant, member)
    const path = codes.verification_uri_complete.slice(ORIGIN.length)
    const sent = await fetchPlatform(path)
    const location = sent.headers.get('Location') ?? ''
    expect([sent.status, location]).toEqual([303, `/auth/sign-in?tenant=${server.tenant.slug}&continue=${encodeURIComponent(path)}`])
    expect(await (await fetchPlatform(location)).text()).toContain(`name="provider" value="${provider.id}"`)

    const arrived = await signInThrough(provider.id, { claims: { sub: member.id, email: member.email } }, new Browser(), path)
    expect(arrived.location).toBe(path)
    const text = await (await arrived.browser.get(path)).text()
    expect(text).toContain('must be for a server of the same tenant')
    expect((await decide(device, 'approve', [], arrived.browser)).headers.get('Location')).toBe(`${ORIGIN}/device?outcome=allowed`)
    expect((await poll(device)).status).toBe(200)
    expect(await store.select().from(grants).where(eq(grants.serverId, server.id))).toMatchObject([{ userId: member.id }])
  })

  it('gets the unknown-code error for a device of another tenant', async () => {
    const device = await start()
    const { server, codes } = device
    const { owner } = server.tenant
    await store.update(hostedServers).set({ access: 'signed-in' }).where(eq(hostedServers.id, server.id))
    const elsewhere = await createTenant(owner)
    const bound = await signedIn(owner, { tenantId: elsewhere.id })
    const [refused, unknown] = [await enterCode(bound, codes.user_code), await enterCode(bound, 'BBBB-BBBB')]
    const withoutCodes = (text: string) => text.replaceAll(/[A-Z]{4}-[A-Z]{4}/g, '')
    expect([refused.status, withoutCodes(await refused.text())]).toEqual([400, withoutCodes(await unknown.text())])

    const form = await consentForm(await enterCode(await signedIn(owner), codes.user_code))
    expect((await bound.post(consentPath(server), { ...form, decision: 'approve' })).status).toBe(403)
    expect(await errorOf(await poll(device))).toEqual([400, 'authorization_pending'])
    expect((await decide(device, 'approve')).status).toBe(303)
  })
})

it('user code parser ignores case, spaces and punctuation and rejects other characters', () => {
  expect(shownUserCode('BCDFGHJK')).toBe('BCDF-GHJK')
  for (const typed of ['BCDF-GHJK', 'bcdfghjk', ' bcdf  ghjk\n', 'b.c.d.f.g.h.j.k']) expect(parseUserCode(typed)).toBe('BCDFGHJK')
  for (const typed of ['', 'BCDF', 'BCDF-GHJKL', 'BCDF-GHJA', 'BCDF-GHJ1', 'BCDF-GHJÉ']) expect(parseUserCode(typed)).toBeUndefined()
})
