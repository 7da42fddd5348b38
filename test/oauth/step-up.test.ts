import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { grants } from '../../store/schema/grants.ts'
import { openSession } from '../support/legacy.ts'
import { callModern, wireServer } from '../support/modern.ts'
import {
  authorizePath,
  callback,
  consentForm,
  consentPath,
  createClient,
  exchange,
  signedIn,
  type TestClient,
  type Tokens,
} from '../support/oauth.ts'
import { addMember, addVersion, createServer, createToken, store, surfaceOf, type TestServer, type TestUser } from '../support/platform.ts'

const TOOLS = [
  { name: 'look', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  { name: 'peek', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  { name: 'wipe', inputSchema: { type: 'object' } },
]
const CODE = wireServer(`{ look: async () => ({ content: [] }), peek: async () => ({ content: [] }), wipe: async () => ({ content: [] }) }`)

async function start(): Promise<{ server: TestServer; client: TestClient }> {
  const server = await createServer({ code: CODE, surface: surfaceOf(TOOLS) })
  return { server, client: await createClient(server) }
}

interface Shown {
  text: string
  form: Record<string, string>
  allow(without?: string[]): Promise<Tokens>
}

async function ask(server: TestServer, client: TestClient, scope: string, user: TestUser = server.tenant.owner): Promise<Shown> {
  const browser = await signedIn(user)
  const page = await browser.get(authorizePath(server, client, { scope }))
  const text = await page.clone().text()
  const form = await consentForm(page)
  return {
    text,
    form,
    async allow(without = []) {
      const kept = Object.entries(form).filter(([name]) => !without.includes(name))
      const response = await browser.post(consentPath(server), { ...Object.fromEntries(kept), decision: 'approve' })
      expect(response.status).toBe(303)
      return (await exchange(server, client, callback(response).code ?? '')).json<Tokens>()
    },
  }
}

/** Returns the HTML of the fieldset with this legend. */
function group(text: string, legend: string): string {
  return new RegExp(`<legend[^>]*>${legend}</legend>([\\s\\S]*?)</fieldset>`).exec(text)?.[1] ?? ''
}

describe('consent page of a second authorization', () => {
  it('shows new scopes and tools separately from those already granted', async () => {
    const { server, client } = await start()
    const first = await ask(server, client, 'mcp:read')
    expect(first.text).not.toContain('You allowed this app before')
    await first.allow()

    const { text } = await ask(server, client, 'mcp:read mcp:write')
    expect(text).toContain('wants to do more with')
    expect(text).toContain('You allowed this app before')
    expect(text).toMatch(/mcp:write<\/code>\s*<span class="tag new">new/)
    expect(text).not.toMatch(/mcp:read<\/code>\s*<span class="tag new">new/)
    expect(group(text, 'New tools')).toContain('wipe')
    expect(group(text, 'New tools')).not.toContain('look')
    expect(group(text, 'Tools already allowed')).toMatch(/look[\s\S]*peek/)
  })

  it('says that the app already has all rights when nothing is new', async () => {
    const { server, client } = await start()
    await (await ask(server, client, 'mcp:read mcp:write')).allow()
    const { text } = await ask(server, client, 'mcp:read mcp:write')
    expect(text).toContain('it has all of these permissions')
    expect(text).not.toContain('class="tag new"')
    expect(group(text, 'New tools')).toBe('')
  })

  it('leaves previously unticked and later added tools unticked', async () => {
    const { server, client } = await start()
    await (await ask(server, client, 'mcp:read')).allow(['tool-1'])
    await addVersion(server, CODE, surfaceOf([...TOOLS, { ...TOOLS[0]!, name: 'later' }]))
    const { form, text } = await ask(server, client, 'mcp:read mcp:write')
    expect(Object.keys(form).filter((name) => name.startsWith('tool-'))).toEqual(['tool-2', 'tool-0'])
    expect(group(text, 'New tools')).toMatch(/peek[\s\S]*wipe[\s\S]*later/)
  })

  it('ignores grants of other users and apps and codes that were never exchanged', async () => {
    const { server, client } = await start()
    await (await ask(server, client, 'mcp:read mcp:write')).allow()
    const other = await addMember(server.tenant, 'viewer')
    expect((await ask(server, client, 'mcp:read', other)).text).not.toContain('You allowed this app before')
    expect((await ask(server, await createClient(server), 'mcp:read')).text).not.toContain('You allowed this app before')

    const fresh = await start()
    const browser = await signedIn(fresh.server.tenant.owner)
    const page = await browser.get(authorizePath(fresh.server, fresh.client))
    await browser.post(consentPath(fresh.server), { ...(await consentForm(page)), decision: 'approve' })
    expect((await ask(fresh.server, fresh.client, 'mcp:read')).text).not.toContain('You allowed this app before')
  })
})

it('second authorization creates a separate grant and leaves the first unchanged', async () => {
  const { server, client } = await start()
  const first = await (await ask(server, client, 'mcp:read')).allow()
  const second = await (await ask(server, client, 'mcp:read mcp:write')).allow()
  const made = await store.select({ scopes: grants.scopes, tools: grants.tools }).from(grants).where(eq(grants.serverId, server.id))
  expect(made.toSorted((a, b) => a.scopes.length - b.scopes.length)).toEqual([
    { scopes: ['mcp:read'], tools: null },
    { scopes: ['mcp:read', 'mcp:write'], tools: null },
  ])
  const call = (token: string, name: string) => callModern(server, { token, params: { name } }).then(({ status }) => status)
  expect([await call(first.access_token, 'look'), await call(first.access_token, 'wipe')]).toEqual([200, 403])
  expect([await call(second.access_token, 'look'), await call(second.access_token, 'wipe')]).toEqual([200, 200])
})

it('403 insufficient_scope names all scopes that a call needs, with and without a session', async () => {
  const { server } = await start()
  const { token } = await createToken(server, { scopes: ['mcp:read', 'offline_access'] })
  const session = await openSession(server, { token })
  const challenge = `Bearer resource_metadata="${server.urls.resourceMetadata}", scope="mcp:read mcp:write", error="insufficient_scope", error_description="This operation requires the scopes mcp:read mcp:write"`
  for (const refused of [
    await callModern(server, { token, params: { name: 'wipe' } }),
    await callModern(server, { token, params: { name: 'no-such-tool' } }),
    await session.call(1, 'wipe'),
  ]) {
    expect([refused.status, refused.headers.get('WWW-Authenticate')]).toEqual([403, challenge])
    expect(refused.headers.get('Cache-Control')).toBe('no-store')
    expect(await refused.json()).toMatchObject({ error: 'insufficient_scope' })
  }
})

it('lists, completions and subscriptions need no scope beyond mcp:read', async () => {
  const { server } = await start()
  const { token } = await createToken(server, { scopes: ['mcp:read'] })
  const session = await openSession(server, { token })
  const ref = { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'a', value: 'b' } }
  const listening = await callModern(server, {
    token,
    method: 'subscriptions/listen',
    params: { notifications: { toolsListChanged: true } },
  })
  const answers = [
    listening,
    await callModern(server, { token, method: 'tools/list' }),
    await callModern(server, { token, method: 'completion/complete', params: ref }),
    await session.request(1, 'tools/list'),
    await session.request(2, 'completion/complete', ref),
  ]
  for (const { status } of answers) expect([200, 404]).toContain(status)
  await listening.body?.cancel()
})

it('session accepts the wider token of a second grant and continues', async () => {
  const { server, client } = await start()
  const first = await (await ask(server, client, 'mcp:read')).allow()
  const session = await openSession(server, { token: first.access_token })
  expect((await session.call(1, 'wipe')).status).toBe(403)
  const second = await (await ask(server, client, 'mcp:read mcp:write')).allow()
  const message = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'wipe' } }
  expect((await session.send(message, { Authorization: `Bearer ${second.access_token}` })).status).toBe(200)
})
