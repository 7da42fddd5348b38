import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { grants } from '../../store/schema/grants.ts'
import { auditEvents } from '../../store/schema/tenants.ts'
import { offerFor } from '../../workers/oauth/consent/ask.ts'
import { callModern, wireServer } from '../support/modern.ts'
import {
  authorizePath,
  callback,
  consentForm,
  consentPath,
  createClient,
  exchange,
  refresh,
  signedIn,
  type Browser,
  type TestClient,
  type Tokens,
} from '../support/oauth.ts'
import { addVersion, createServer, store, surfaceOf, type TestServer } from '../support/platform.ts'

const TOOLS = [
  { name: 'look', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  { name: 'peek', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  { name: 'wipe', inputSchema: { type: 'object' } },
]
const CODE = wireServer(`{ look: async () => ({ content: [] }), peek: async () => ({ content: [] }), wipe: async () => ({ content: [] }) }`)

interface Opened {
  server: TestServer
  client: TestClient
  browser: Browser
  form: Record<string, string>
  text: string
}

async function open(change: Parameters<typeof authorizePath>[2] = {}, tools: { name: string }[] = TOOLS): Promise<Opened> {
  const server = await createServer({ code: CODE, surface: surfaceOf(tools as typeof TOOLS) })
  const client = await createClient(server)
  const browser = await signedIn(server.tenant.owner)
  const page = await browser.get(authorizePath(server, client, change))
  const text = await page.clone().text()
  return { server, client, browser, form: await consentForm(page), text }
}

const without = (form: Record<string, string>, ...names: string[]) =>
  Object.fromEntries(Object.entries(form).filter(([name]) => !names.includes(name)))

async function allow({ server, client, browser }: Opened, form: Record<string, string>): Promise<Tokens> {
  const response = await browser.post(consentPath(server), { ...form, decision: 'approve' })
  expect(response.status).toBe(303)
  return (await exchange(server, client, callback(response).code ?? '')).json<Tokens>()
}

async function rightsOf({ server }: Opened) {
  return store.select({ scopes: grants.scopes, tools: grants.tools }).from(grants).where(eq(grants.serverId, server.id))
}

async function listed({ server }: Opened, token: string): Promise<string[]> {
  const { result } = await (await callModern(server, { token, method: 'tools/list' })).json<{ result: { tools: { name: string }[] } }>()
  return result.tools.map(({ name }) => name)
}

describe('tools on the consent page', () => {
  it('are all allowed, including tools added later, when the user unticks none', async () => {
    const opened = await open()
    expect(Object.keys(opened.form).toSorted()).toEqual(['form', 'handle', 'tool-0', 'tool-1', 'tool-2', 'write'])
    const { access_token } = await allow(opened, opened.form)
    expect(await rightsOf(opened)).toEqual([{ scopes: ['mcp:read', 'mcp:write'], tools: null }])
    expect(await listed(opened, access_token)).toEqual(['look', 'peek', 'wipe'])
  })

  it('are hidden from lists and unknown in calls when unticked, also after a refresh', async () => {
    const opened = await open()
    const tokens = await allow(opened, without(opened.form, 'tool-1'))
    expect(await rightsOf(opened)).toEqual([{ scopes: ['mcp:read', 'mcp:write'], tools: ['look', 'wipe'] }])
    const refreshed = await (await refresh(opened.server, opened.client, tokens.refresh_token)).json<Tokens>()
    for (const token of [tokens.access_token, refreshed.access_token]) {
      expect(await listed(opened, token)).toEqual(['look', 'wipe'])
      const refused = await callModern(opened.server, { token, params: { name: 'peek' } })
      expect(await refused.json()).toMatchObject({ error: { code: -32602, message: 'Unknown tool: peek' } })
      expect((await callModern(opened.server, { token, params: { name: 'wipe' } })).status).toBe(200)
    }
  })

  it('can all be unticked', async () => {
    const opened = await open()
    const { access_token } = await allow(opened, without(opened.form, 'tool-0', 'tool-1', 'tool-2'))
    expect(await rightsOf(opened)).toMatchObject([{ tools: [] }])
    expect(await listed(opened, access_token)).toEqual([])
  })

  it('are ignored when the form names tools that were not shown', async () => {
    const opened = await open()
    const invented = { 'tool-3': 'on', 'tool-999999': 'on', 'tool--1': 'on', 'tool-01': 'on', tool: 'wipe', tools: '["wipe"]' }
    await allow(opened, { ...without(opened.form, 'tool-1'), ...invented })
    expect(await rightsOf(opened)).toMatchObject([{ tools: ['look', 'wipe'] }])
  })

  it('cannot be ticked beyond the requested scopes but stay listed so that the app can request more', async () => {
    const opened = await open({ scope: 'mcp:read' })
    expect(Object.keys(opened.form).toSorted()).toEqual(['form', 'handle', 'tool-0', 'tool-1'])
    expect(opened.text).toContain('One tool can modify data and is not part of this request')
    const { access_token } = await allow(opened, { ...without(opened.form, 'tool-0'), 'tool-2': 'on', write: 'on' })
    expect(await rightsOf(opened)).toEqual([{ scopes: ['mcp:read'], tools: ['peek', 'wipe'] }])
    expect(await listed(opened, access_token)).toEqual(['peek', 'wipe'])
    const refused = await callModern(opened.server, { token: access_token, params: { name: 'wipe' } })
    expect([refused.status, refused.headers.get('WWW-Authenticate')]).toEqual([403, expect.stringContaining('scope="mcp:read mcp:write"')])
  })

  it('are those of the displayed version when another version is activated meanwhile', async () => {
    const opened = await open()
    await addVersion(opened.server, CODE, surfaceOf([TOOLS[2]!, { ...TOOLS[0]!, name: 'newer' }]))
    await allow(opened, without(opened.form, 'tool-1'))
    expect(await rightsOf(opened)).toMatchObject([{ tools: ['look', 'wipe'] }])
  })

  it('cannot be chosen when the displayed version was deleted', async () => {
    const { server, client } = await open()
    const question = { clientId: client.clientId, userId: server.tenant.owner.id, scope: ['mcp:read' as const], versionId: 'gone' }
    await expect(offerFor({ store, server: await server.definition() }, question)).rejects.toMatchObject({
      status: 400,
      title: 'This server has changed',
    })
  })
})

it('token response omits mcp:write when the user unticks it', async () => {
  const opened = await open({ scope: 'mcp:read mcp:write offline_access' })
  const tokens = await allow(opened, without(opened.form, 'write'))
  expect(tokens.scope).toBe('mcp:read offline_access')
  expect(await rightsOf(opened)).toEqual([{ scopes: ['mcp:read', 'offline_access'], tools: null }])
  const refreshed = await (await refresh(opened.server, opened.client, tokens.refresh_token)).json<Tokens>()
  expect(refreshed.scope).toBe('mcp:read offline_access')
  const wider = await refresh(opened.server, opened.client, refreshed.refresh_token, { scope: 'mcp:write' })
  expect(await wider.json()).toMatchObject({ error: 'invalid_scope' })
})

it('audit log records the user and the app when a grant is approved', async () => {
  const opened = await open()
  await allow(opened, without(opened.form, 'tool-1'))
  const [event] = await store.select().from(auditEvents).where(eq(auditEvents.serverId, opened.server.id))
  const [grant] = await store.select().from(grants).where(eq(grants.serverId, opened.server.id))
  expect(event).toMatchObject({
    tenantId: opened.server.tenant.id,
    actor: opened.server.tenant.owner.id,
    action: 'grant.approved',
    detail: { grantId: grant?.id, clientId: opened.client.clientId, scopes: ['mcp:read', 'mcp:write'], tools: 2 },
  })
})

describe('consent page with a thousand tools', () => {
  const many = Array.from({ length: 1000 }, (_, n) => ({
    name: `tool_number_${n}_with_a_name_that_is_as_long_as_names_get_`.padEnd(128, 'x'),
    inputSchema: { type: 'object' },
    ...(n % 2 ? { annotations: { readOnlyHint: true } } : {}),
  }))

  it('collapses the list, stays within the form limit and ticks or unticks all tools at once', async () => {
    const opened = await open({}, many)
    const { browser, server, form } = opened
    expect(opened.text).toContain('Tools that can modify data: all 500 ticked')
    expect(new URLSearchParams(form).toString().length).toBeLessThan(16 * 1024)

    const none = await browser.post(consentPath(server), { ...form, decision: 'tick-none' })
    expect(none.status).toBe(200)
    const text = await none.clone().text()
    expect(text).toContain('0 of 500 ticked')
    const emptied = await consentForm(none)
    expect(Object.keys(emptied).toSorted()).toEqual(['form', 'handle', 'write'])
    expect(emptied['handle']).toBe(form['handle'])

    const all = await browser.post(consentPath(server), { ...emptied, decision: 'tick-all' })
    expect(Object.keys(await consentForm(all))).toHaveLength(1003)

    await allow(opened, { ...emptied, 'tool-7': 'on', 'tool-999': 'on' })
    expect((await rightsOf(opened))[0]?.tools).toEqual([many[7]?.name, many[999]?.name])
    expect((await browser.post(consentPath(server), { ...form, decision: 'tick-none' })).status).toBe(400)
  })

  it('is not shown again to another sign-in of the user', async () => {
    const { server, form } = await open({}, many)
    const other = await signedIn(server.tenant.owner)
    expect((await other.post(consentPath(server), { ...form, decision: 'tick-none' })).status).toBe(400)
  })
})
