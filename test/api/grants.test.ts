import { and, eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { AuditAction } from '../../protocol/audit.ts'
import { clients } from '../../store/schema/clients.ts'
import { grants, tokens } from '../../store/schema/grants.ts'
import { auditEvents, members } from '../../store/schema/tenants.ts'
import { drain, openSession, take } from '../support/legacy.ts'
import { callModern, eventsOf, wireServer } from '../support/modern.ts'
import { createClient, obtainTokens, postForm, refresh, signedIn, type Browser, type TestClient, type Tokens } from '../support/oauth.ts'
import { addMember, addVersion, createServer, createToken, ORIGIN, store, surfaceOf, type TestServer } from '../support/platform.ts'

const TOOLS = `{
  look: async () => ({ content: [] }),
  peek: async () => ({ content: [] }),
  wipe: async () => ({ content: [] }),
  ask: async (_, { params }) => params.inputResponses
    ? { content: [{ type: 'text', text: 'went on' }] }
    : { resultType: 'input_required', inputRequests: { q: { method: 'elicitation/create', params: { mode: 'form', message: 'Sure?', requestedSchema: { type: 'object', properties: {} } } } }, requestState: 's' },
  hang: async () => { await scheduler.wait(20_000); return { content: [] } },
  later: async () => ({ resultType: 'input_required', requestState: 'wait' }),
}`
const CODE = wireServer(TOOLS)
const reads = { annotations: { readOnlyHint: true } }
const surface = surfaceOf(
  ['look', 'peek', 'wipe', 'ask', 'hang', 'later'].map((name) => ({
    name,
    inputSchema: { type: 'object' },
    ...(name === 'wipe' ? {} : reads),
  })),
)

interface Api {
  // tests compare the body with an expected value
  // oxlint-disable-next-line typescript/no-explicit-any
  (method: string, path: string, body?: unknown): Promise<{ status: number; body: any }>
}

function apiOf(browser: Browser): Api {
  return async (method, path, body) => {
    const headers = { Origin: ORIGIN, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) }
    const response = await browser.get(`/api${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) }
  }
}

let server: TestServer
let client: TestClient
let issued: Tokens
let grantId: string
let asOwner: Api
let base: string

beforeEach(async () => {
  server = await createServer({ code: CODE, surface })
  client = await createClient(server, { name: 'Nice App' })
  issued = await obtainTokens(server, client)
  grantId = issued.access_token.split(':')[1]!
  asOwner = apiOf(await signedIn(server.tenant.owner))
  base = `/tenants/${server.tenant.slug}/servers/${server.slug}/grants`
})

const call = (name: string, token = issued.access_token) => callModern(server, { token, params: { name } })

async function listed(token = issued.access_token): Promise<string[]> {
  const answered = await callModern(server, { token, method: 'tools/list' })
  const { result } = await answered.json<{ result: { tools: { name: string }[] } }>()
  return result.tools.map(({ name }) => name)
}

async function grantRow() {
  const [row] = await store
    .select()
    .from(grants)
    .where(and(eq(grants.serverId, server.id), eq(grants.id, grantId)))
  return row
}

async function audited(action: AuditAction) {
  return store
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.serverId, server.id), eq(auditEvents.action, action)))
}

describe('grant', () => {
  it('shows its user, client, redirect URI, scopes and times to the user and to the tenant', async () => {
    const [registered] = await store.select().from(clients).where(eq(clients.clientId, client.clientId))
    const expected = {
      id: grantId,
      tenant: server.tenant.slug,
      server: server.slug,
      userId: server.tenant.owner.id,
      userName: 'Test Person',
      userEmail: server.tenant.owner.email,
      clientId: client.clientId,
      clientName: 'Nice App',
      clientKind: 'registered',
      clientDocumentHash: null,
      clientRegisteredAt: registered?.createdAt.toISOString(),
      redirectUri: 'https://app.example/callback',
      scopes: ['mcp:read', 'mcp:write'],
      tools: null,
      toolLimit: null,
      createdAt: expect.any(String),
      lastUsedAt: expect.any(String),
      expiresAt: expect.any(String),
    }
    expect((await asOwner('GET', '/me/grants')).body.items).toEqual([expected])
    expect((await asOwner('GET', base)).body.items).toEqual([expected])
    expect((await asOwner('GET', `/me/grants/${grantId}`)).body).toEqual({
      ...expected,
      offered: ['look', 'peek', 'wipe', 'ask', 'hang', 'later'].map((name) => ({
        name,
        title: null,
        canChangeThings: name === 'wipe',
      })),
    })
  })

  it('shows whether its client is registered or identified by a document', async () => {
    const byHand = await createClient(server, { issuer: `tenant:${server.tenant.id}`, serverId: null })
    await createToken(server, { clientId: byHand.clientId })
    const document = await createToken(server, { clientId: 'https://app.example/client.json' })
    await store
      .update(grants)
      .set({ record: JSON.stringify({ metadata: { documentHash: 'abc' } }) })
      .where(eq(grants.id, document.grantId))
    const { items } = (await asOwner('GET', base)).body
    const found = (clientId: string) => items.find((grant: { clientId: string }) => grant.clientId === clientId)
    expect(found(byHand.clientId)).toMatchObject({ clientKind: 'registered', clientRegisteredAt: expect.any(String) })
    expect(found('https://app.example/client.json')).toMatchObject({
      clientKind: 'document',
      clientDocumentHash: 'abc',
      clientRegisteredAt: null,
    })
  })

  it('records the last use of its tokens after the response, without a new row version', async () => {
    const yesterday = new Date(Date.now() - 86_400_000)
    await store.update(grants).set({ lastUsedAt: yesterday }).where(eq(grants.id, grantId))
    const version = (await grantRow())?.rowVersion
    expect((await call('look')).status).toBe(200)
    await vi.waitFor(async () => expect((await grantRow())?.lastUsedAt?.getTime()).toBeGreaterThan(yesterday.getTime() + 80_000_000), {
      timeout: 5_000,
      interval: 100,
    })
    expect((await grantRow())?.rowVersion).toBe(version)
  })

  it('offers no tools when its user may no longer use the server', async () => {
    await store.delete(members).where(and(eq(members.tenantId, server.tenant.id), eq(members.userId, server.tenant.owner.id)))
    expect((await asOwner('GET', `/me/grants/${grantId}`)).body).toMatchObject({ id: grantId, offered: [] })
    expect((await asOwner('PATCH', `/me/grants/${grantId}`, { tools: ['look'] })).status).toBe(400)
    expect((await asOwner('PATCH', `/me/grants/${grantId}`, { tools: [] })).status).toBe(200)
  })
})

describe.each([
  ['user grants', () => '/me/grants'],
  ['server grants', () => base],
])('list of %s', (_, list) => {
  it('returns each grant once, newest first, also when the last of a page ends meanwhile', async () => {
    const others = await Promise.all(Array.from({ length: 5 }, () => createToken(server)))
    const [second, earlier] = [new Date(1_700_000_001_000), new Date(1_700_000_000_000)]
    const ofServer = eq(grants.serverId, server.id)
    await store.update(grants).set({ createdAt: second }).where(ofServer)
    await store
      .update(grants)
      .set({ createdAt: earlier })
      .where(and(ofServer, eq(grants.id, grantId)))
    const inOrder = [
      ...others
        .map((other) => other.grantId)
        .toSorted()
        .toReversed(),
      grantId,
    ]
    const seen: string[] = []
    for (let next: string | undefined = ''; next !== undefined;) {
      const { body } = await asOwner('GET', `${list()}?limit=2${next}`)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      next = body.next && `&before=${body.next}`
      if (seen.length === 2) expect((await asOwner('DELETE', `${list()}/${seen[1]}`)).status).toBe(204)
    }
    expect(seen).toEqual(inOrder)
  })

  it('refuses a limit out of range and a malformed cursor', async () => {
    for (const [query, pointer] of [
      ['limit=0', '/limit'],
      ['limit=201', '/limit'],
      ['limit=many', '/limit'],
      ['before=nonsense', '/before'],
      ['before=1700000000.', '/before'],
      ['before=1700000000.a%20b', '/before'],
    ])
      expect(await asOwner('GET', `${list()}?${query}`)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } })
  })

  it('has fifty grants a page by default, and two hundred at most', async () => {
    const [row] = await store.select().from(grants).where(eq(grants.id, grantId))
    const [first, ...more] = Array.from({ length: 51 }, (_, n) => store.insert(grants).values({ ...row!, id: `g${n}` }))
    await store.batch([first!, ...more])
    const { body } = await asOwner('GET', list())
    expect([body.items.length, typeof body.next]).toEqual([50, 'string'])
    const all = await asOwner('GET', `${list()}?limit=200`)
    expect([all.body.items.length, all.body.next]).toEqual([52, undefined])
  })
})

describe('user of a grant', () => {
  it('changes its tools with effect on lists, calls and refreshed tokens at once', async () => {
    const narrowed = await asOwner('PATCH', `/me/grants/${grantId}`, { tools: ['look', 'wipe'] })
    expect([narrowed.status, narrowed.body]).toEqual([200, expect.objectContaining({ tools: ['look', 'wipe'], toolLimit: null })])
    expect(await listed()).toEqual(['look', 'wipe'])
    expect(await (await call('peek')).json()).toMatchObject({ error: { code: -32602, message: 'Unknown tool: peek' } })
    issued = await (await refresh(server, client, issued.refresh_token)).json<Tokens>()
    expect(await listed()).toEqual(['look', 'wipe'])

    await asOwner('PATCH', `/me/grants/${grantId}`, { tools: null })
    expect(await listed()).toHaveLength(6)
    expect((await call('peek')).status).toBe(200)
    expect(await audited('grant.changed')).toMatchObject([
      {
        actor: server.tenant.owner.id,
        detail: {
          grantId,
          clientId: client.clientId,
          before: { scopes: ['mcp:read', 'mcp:write'], tools: 'all' },
          after: { scopes: ['mcp:read', 'mcp:write'], tools: 2 },
        },
      },
      { detail: { before: { tools: 2 }, after: { tools: 'all' } } },
    ])
  })

  it('removes mcp:write from all tokens and refreshes, and cannot add it again', async () => {
    expect((await asOwner('PATCH', `/me/grants/${grantId}`, { scopes: ['mcp:read'] })).body).toMatchObject({ scopes: ['mcp:read'] })
    const refused = await call('wipe')
    expect([refused.status, refused.headers.get('WWW-Authenticate')]).toEqual([403, expect.stringContaining('scope="mcp:read mcp:write"')])
    expect((await call('look')).status).toBe(200)
    const wide = await refresh(server, client, issued.refresh_token, { scope: 'mcp:read mcp:write' })
    issued = await wide.json<Tokens>()
    expect(issued.scope).toBe('mcp:read')
    expect((await call('wipe')).status).toBe(403)
    expect(await asOwner('PATCH', `/me/grants/${grantId}`, { scopes: ['mcp:read', 'mcp:write'] })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/scopes/1', detail: expect.stringContaining('was not granted') }] },
    })
  })

  it('keeps offline_access when the scopes are reduced to mcp:read', async () => {
    await store
      .update(grants)
      .set({ scopes: ['mcp:read', 'mcp:write', 'offline_access'] })
      .where(eq(grants.id, grantId))
    expect((await asOwner('PATCH', `/me/grants/${grantId}`, { scopes: ['mcp:read'] })).body.scopes).toEqual(['mcp:read', 'offline_access'])
  })

  it.each([
    ['an unknown tool', { tools: ['look', 'nothing'] }, '/tools/1'],
    ['an empty list of scopes', { scopes: [] }, '/scopes'],
    ['an unknown scope', { scopes: ['admin'] }, '/scopes/0'],
    ['a tool limit', { toolLimit: [] }, '/toolLimit'],
    ['more than 2,000 tools', { tools: Array.from({ length: 2001 }, (_, n) => `t${n}`) }, '/tools'],
  ])('cannot set %s', async (_, body, pointer) => {
    expect(await asOwner('PATCH', `/me/grants/${grantId}`, body)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } })
    expect(await grantRow()).toMatchObject({ scopes: ['mcp:read', 'mcp:write'], tools: null, toolLimit: null })
  })

  it('can keep a tool that only an earlier version has', async () => {
    await asOwner('PATCH', `/me/grants/${grantId}`, { tools: ['look', 'peek'] })
    await addVersion(server, CODE, surfaceOf([{ name: 'new', inputSchema: { type: 'object' } }]))
    expect((await asOwner('PATCH', `/me/grants/${grantId}`, { tools: ['look', 'new'] })).status).toBe(200)
  })

  it('changes the grant while it is refreshed, and neither change is lost', async () => {
    for (let round = 0; round < 10; round++) {
      const tokens = await obtainTokens(server, client)
      const id = tokens.access_token.split(':')[1]
      const [changed, ...refreshed] = await Promise.all([
        asOwner('PATCH', `/me/grants/${id}`, { scopes: ['mcp:read'], tools: ['look', 'wipe'] }),
        ...Array.from({ length: 3 }, () => refresh(server, client, tokens.refresh_token)),
      ])
      expect([changed.status, ...refreshed.map(({ status }) => status)]).toEqual([200, 200, 200, 200])
      const { access_token, refresh_token } = await refreshed[0]!.json<Tokens>()
      expect((await call('wipe', access_token)).status).toBe(403)
      const next = await (await refresh(server, client, refresh_token)).json<Tokens>()
      expect(next.scope).toBe('mcp:read')
      expect(await listed(next.access_token)).toEqual(['look', 'wipe'])
    }
  })

  it('ends the grant, and the audit log names the user', async () => {
    expect((await asOwner('DELETE', `/me/grants/${grantId}`)).status).toBe(204)
    expect((await call('look')).status).toBe(401)
    expect((await asOwner('DELETE', `/me/grants/${grantId}`)).status).toBe(404)
    expect((await asOwner('PATCH', `/me/grants/${grantId}`, { tools: null })).status).toBe(404)
    expect((await asOwner('GET', `/me/grants/${grantId}`)).status).toBe(404)
    expect(await audited('grant.ended')).toMatchObject([{ actor: server.tenant.owner.id, detail: { grantId, clientId: client.clientId } }])
  })
})

it('revocation by the client ends the grant, and the audit log names the client', async () => {
  await postForm(server, 'revoke', { client_id: client.clientId, token: issued.refresh_token })
  expect(await audited('grant.ended')).toMatchObject([{ actor: `client:${client.clientId}`, detail: { grantId } }])
})

describe('tenant of a grant', () => {
  it('limits the tools below the choice of the user, and the user cannot lift the limit', async () => {
    await asOwner('PATCH', `/me/grants/${grantId}`, { tools: ['look', 'peek'] })
    const limited = await asOwner('PATCH', `${base}/${grantId}`, { toolLimit: ['look', 'wipe'] })
    expect(limited.body).toMatchObject({ tools: ['look', 'peek'], toolLimit: ['look', 'wipe'] })
    expect(await listed()).toEqual(['look'])
    await asOwner('PATCH', `/me/grants/${grantId}`, { tools: null })
    expect(await listed()).toEqual(['look', 'wipe'])
    await asOwner('PATCH', `${base}/${grantId}`, { toolLimit: null })
    expect(await listed()).toHaveLength(6)
  })

  it('can remove scopes but not add any', async () => {
    expect((await asOwner('PATCH', `${base}/${grantId}`, { scopes: ['mcp:read'] })).body).toMatchObject({ scopes: ['mcp:read'] })
    expect((await call('wipe')).status).toBe(403)
    expect((await asOwner('PATCH', `${base}/${grantId}`, { scopes: ['mcp:write'] })).status).toBe(400)
  })

  it('cannot change the tools that the user chose', async () => {
    expect((await asOwner('PATCH', `${base}/${grantId}`, { tools: null })).status).toBe(400)
  })

  it('lets admins limit the tools, but not developers or viewers', async () => {
    for (const [role, status] of [
      ['developer', 403],
      ['viewer', 403],
      ['admin', 200],
    ] as const) {
      const asMember = apiOf(await signedIn(await addMember(server.tenant, role)))
      expect((await asMember('PATCH', `${base}/${grantId}`, { toolLimit: [] })).status).toBe(status)
      expect((await asMember('PATCH', `/me/grants/${grantId}`, { tools: [] })).status).toBe(404)
    }
  })
})

/** Returns the response of a call, from JSON or from the end of a stream. */
async function answerTo(call: Promise<Response>): Promise<unknown> {
  const response = await call
  return response.headers.get('Content-Type')?.includes('json') ? response.json() : (await drain(response)).at(-1)
}

describe('change of a grant', () => {
  it('notifies subscriptions of this grant only', async () => {
    const other = await createToken(server)
    const listen = async (token: string) => {
      const params = { notifications: { toolsListChanged: true } }
      const events = eventsOf(await callModern(server, { token, method: 'subscriptions/listen', params }))
      await events.next()
      return events
    }
    const [events, others] = [await listen(issued.access_token), await listen(other.token)]
    await asOwner('PATCH', `/me/grants/${grantId}`, { tools: ['look'] })
    expect((await events.next()).value?.message).toMatchObject({ method: 'notifications/tools/list_changed' })
    await asOwner('DELETE', `/me/grants/${other.grantId}`)
    expect((await others.next()).value?.message).toMatchObject({ result: { resultType: 'complete' } })
    await events.return(undefined)
  })

  it('notifies a session, which then lists and calls the remaining tools only', async () => {
    const session = await openSession(server, { token: issued.access_token })
    const stream = await session.get()
    await asOwner('PATCH', `/me/grants/${grantId}`, { tools: ['look'] })
    const [event] = await take(stream, 1)
    expect(event?.message).toMatchObject({ method: 'notifications/tools/list_changed' })
    const { result } = await (await session.request(1, 'tools/list')).json<{ result: { tools: { name: string }[] } }>()
    expect(result.tools.map(({ name }) => name)).toEqual(['look'])
    expect(await (await session.call(2, 'peek')).json()).toMatchObject({ error: { message: 'Unknown tool: peek' } })
    expect((await session.call(3, 'look')).status).toBe(200)
  })

  it.each(['ask', 'hang', 'later'])('stops the running call of the tool "%s" when that tool is removed', async (name) => {
    const opened = { token: issued.access_token, capabilities: { elicitation: {} }, revision: '2025-06-18' }
    const session = await openSession(server, opened)
    const taken = session.call(1, name)
    await scheduler.wait(300)
    await asOwner('PATCH', `/me/grants/${grantId}`, { tools: ['look'] })
    expect(await answerTo(taken)).toMatchObject({ id: 1, error: { message: expect.stringContaining('no longer allows this tool') } })
  })

  it('stops a streamed call when its caller may no longer make it, and continues it otherwise', async () => {
    const { tenant } = server
    const streams = {
      tenant,
      code: wireServer(`{ stream: async ({ ms }, { notify, signal }) => {
        await notify('notifications/progress', { progressToken: 't', progress: 1 })
        await scheduler.wait(ms, { signal })
        return { content: [] }
      } }`),
      surface: surfaceOf(['stream', 'other'].map((name) => ({ name, inputSchema: { type: 'object' }, ...reads }))),
    }
    const [at, open] = [await createServer(streams), await createServer({ ...streams, settings: { access: 'public' } })]
    const left = await addMember(tenant, 'viewer')
    const [ended, narrowed, limited, gone, kept] = [
      await createToken(at),
      await createToken(at),
      await createToken(at),
      await createToken(at, { user: left }),
      await createToken(at),
    ]
    const begin = async (ms: number, token?: string) => {
      const called = { params: { name: 'stream', arguments: { ms } }, meta: { progressToken: 't' } }
      const response = await (token === undefined ? callModern(open, called) : callModern(at, { ...called, token }))
      expect(response.headers.get('Content-Type')).toBe('text/event-stream')
      return response
    }
    const long = await Promise.all([ended, narrowed, limited, gone].map(({ token }) => begin(60_000, token)))
    const anonymous = await begin(60_000)
    const expiring = await createToken(at, { expiresIn: 2 })
    const goesOn = await Promise.all([kept, expiring].map(({ token }) => begin(3_500, token)))

    const of = (each: TestServer) => `/tenants/${tenant.slug}/servers/${each.slug}`
    for (const { status } of await Promise.all([
      asOwner('DELETE', `/me/grants/${ended.grantId}`),
      asOwner('PATCH', `/me/grants/${narrowed.grantId}`, { tools: ['other'] }),
      asOwner('PATCH', `${of(at)}/grants/${limited.grantId}`, { toolLimit: ['other'] }),
      asOwner('DELETE', `/tenants/${tenant.slug}/members/${left.id}`),
      asOwner('PATCH', `/me/grants/${kept.grantId}`, { tools: ['stream'], scopes: ['mcp:read'] }),
      asOwner('PATCH', of(open), { access: 'members' }),
    ]))
      expect([200, 204]).toContain(status)

    const last = async (response: Response) => (await drain(response)).at(-1)
    const accessEnded = { id: 1, error: { code: -32603, message: 'Access was revoked during the call. Authorize again.' } }
    const takenOut = { id: 1, error: { code: -32603, message: 'The grant no longer allows this tool. Authorize again.' } }
    expect(await Promise.all([...long, anonymous].map(last))).toMatchObject([accessEnded, takenOut, takenOut, accessEnded, accessEnded])
    expect(await Promise.all(goesOn.map(last))).toMatchObject([{ result: { content: [] } }, { result: { content: [] } }])
  })

  it('lets a running call continue when its tool stays granted', async () => {
    const session = await openSession(server, { token: issued.access_token, capabilities: { elicitation: {} } })
    const asking = await session.call(1, 'ask')
    const events = eventsOf(asking)
    let question: Record<string, unknown> | undefined
    while (question?.['method'] !== 'elicitation/create') question = (await events.next()).value?.message
    await asOwner('PATCH', `/me/grants/${grantId}`, { tools: ['ask'] })
    await session.answer(question['id'], { action: 'accept', content: {} })
    expect((await events.next()).value?.message).toMatchObject({ id: 1, result: { content: [{ text: 'went on' }] } })
  })

  it('stops a call that waits for its retry time when the grant ends', async () => {
    const session = await openSession(server, { token: issued.access_token, revision: '2025-06-18' })
    const resting = session.call(1, 'later')
    await scheduler.wait(300)
    await asOwner('DELETE', `/me/grants/${grantId}`)
    expect(await answerTo(resting)).toMatchObject({ error: { message: 'Access was revoked during the call. Authorize again.' } })
    expect(await store.select().from(tokens).where(eq(tokens.grantId, grantId))).toEqual([])
  })
})
