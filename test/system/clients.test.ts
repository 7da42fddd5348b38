import { randomUUID } from 'node:crypto'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { type StreamableHTTPClientTransport, UnauthorizedError as NewUnauthorizedError } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, ScriptedProvider } from '../../scripts/scripted-client.ts'
import { PERSON, type Site, startSite } from './support.ts'

let site: Site
let url: string
beforeAll(async () => {
  site = await startSite()
  url = await site.deployed('hello')
})
afterAll(() => site?.stop())

it.each([
  ['pinned to 2026-07-28', { pin: '2026-07-28' }, '2026-07-28'],
  ['in auto mode', 'auto', '2026-07-28'],
  ['in legacy mode', 'legacy', '2025-11-25'],
] as const)('official client 2.x %s discovers, authorizes and calls a tool when it has only the URL', async (_, mode, revision) => {
  const client = await connect(url, new ScriptedProvider(PERSON), mode)
  expect(client.getNegotiatedProtocolVersion()).toBe(revision)
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['greet', 'whoami'])
  const { content } = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } })
  expect(content).toEqual([{ type: 'text', text: 'Hello, Ada!' }])
  await client.close()
})

it('official client 1.x discovers, authorizes, opens a session, calls a tool and ends the session', async () => {
  const provider = new ScriptedProvider(PERSON)
  const adapted = provider as unknown as NonNullable<ConstructorParameters<typeof OldTransport>[1]>['authProvider'] & object
  const first = new OldTransport(new URL(url), { authProvider: adapted })
  await expect(new OldClient({ name: 'old', version: '1.0.0' }).connect(first)).rejects.toBeInstanceOf(UnauthorizedError)
  await first.finishAuth(provider.callback?.searchParams.get('code') ?? '')

  const client = new OldClient({ name: 'old', version: '1.0.0' })
  const transport = new OldTransport(new URL(url), { authProvider: adapted })
  await client.connect(transport)
  expect(transport.sessionId).toMatch(/^[\w-]+$/)
  const { content } = await client.callTool({ name: 'greet', arguments: { name: 'Ada', language: 'ja' } })
  expect(content).toEqual([{ type: 'text', text: 'こんにちは、Adaさん!' }])
  const prompt = await client.getPrompt({ name: 'introduce', arguments: { one: 'Ada', other: 'Grace' } })
  expect(JSON.stringify(prompt)).toContain('Introduce Ada and Grace')
  await transport.terminateSession()
  await client.close()
})

it.each([
  ['pinned to 2026-07-28', { pin: '2026-07-28' }, '2026-07-28'],
  ['of the session-bearing era', 'legacy', '2025-11-25'],
] as const)('official client 2.x, %s, gets prompts, documents and suggestions of a static version', async (_, mode, revision) => {
  const client = await connect(await site.deployed('handbook'), new ScriptedProvider(PERSON), mode)
  expect(client.getNegotiatedProtocolVersion()).toBe(revision)
  expect(client.getInstructions()).toContain('from the documents of this server')
  expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(['answer-question', 'welcome'])
  expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual([
    'handbook://first-week',
    'handbook://leave',
    'handbook://expenses',
  ])
  const { messages } = await client.getPrompt({ name: 'welcome', arguments: { name: 'Ada' } })
  expect(messages).toMatchObject([
    { role: 'user', content: { type: 'resource', resource: { uri: 'handbook://first-week', text: expect.stringContaining('Monday') } } },
    { role: 'user', content: { type: 'text', text: expect.stringContaining('welcome message to Ada') } },
  ])
  expect((await client.readResource({ uri: 'handbook://leave' })).contents).toMatchObject([{ mimeType: 'text/markdown' }])
  const ref = { type: 'ref/prompt', name: 'answer-question' } as const
  expect((await client.complete({ ref, argument: { name: 'language', value: 'G' } })).completion.values).toEqual(['German'])
  await expect(client.getPrompt({ name: 'welcome' })).rejects.toMatchObject({ code: -32602 })
  await expect(client.readResource({ uri: 'handbook://gone' })).rejects.toThrow(/Resource not found/)
  await client.close()
})

describe.each([
  ['pinned to 2026-07-28', { pin: '2026-07-28' }],
  ['in legacy mode', 'legacy'],
] as const)('official client 2.x %s without mcp:write', (_, mode) => {
  let trip: string
  beforeAll(async () => (trip = await site.deployed('trip', { challenge: 'least' })))

  /** Connects as a new app, whose user answers the questions of the tool. */
  async function traveller() {
    const provider = new ScriptedProvider(PERSON)
    provider.clientMetadata.client_name = `Traveller ${randomUUID()}`
    const client = await connect(trip, provider, mode, { capabilities: { elicitation: { form: {} } } })
    provider.callback = undefined
    const questions: string[] = []
    client.setRequestHandler('elicitation/create', ({ params }) => {
      const content: Record<string, number | boolean> = questions.push(params.message) === 1 ? { nights: 3, travellers: 2 } : { book: true }
      return { action: 'accept' as const, content }
    })
    return {
      provider,
      questions,
      end: () => client.close(),
      heldScopes: () => provider.stored.tokens?.scope?.split(' ').filter((scope) => scope.startsWith('mcp:')),
      look: async () => (await client.callTool({ name: 'destinations', arguments: {} })).content,
      book: async () => (await client.callTool({ name: 'book_trip', arguments: { destination: 'Lisbon' } })).content,
      /** Completes the authorization with the last callback of the browser. */
      finish: () =>
        (client.transport as StreamableHTTPClientTransport).finishAuth(provider.callback?.searchParams ?? new URLSearchParams()),
    }
  }
  const BOOKED = [{ type: 'text', text: expect.stringContaining('3 nights in Lisbon for 2') }]
  const LISTED = [{ type: 'text', text: expect.stringContaining('Lisbon') }]

  /** Checks that the page marks mcp:write and its tools as new, and mcp:read as known. */
  function expectMore(page: string): void {
    expect(page).toContain('wants to do more with')
    expect(page).toMatch(/mcp:write<\/code>\s*<span class="tag new">new/)
    expect(page).not.toMatch(/mcp:read<\/code>\s*<span class="tag new">new/)
    expect(page).toMatch(/New tools<\/legend>[\s\S]*book_trip[\s\S]*Tools already allowed<\/legend>[\s\S]*destinations/)
  }

  it('asks its user again on a page that marks the new scope, and then succeeds', async () => {
    const { provider, questions, heldScopes, book, finish, end } = await traveller()
    expect([heldScopes(), provider.consentPage.includes('You allowed this app before')]).toEqual([['mcp:read'], false])
    await expect(book()).rejects.toBeInstanceOf(NewUnauthorizedError)
    expectMore(provider.consentPage)
    await finish()
    expect(heldScopes()).toEqual(['mcp:read', 'mcp:write'])
    expect([await book(), questions.length]).toEqual([BOOKED, 2])
    await end()
  })

  it('gets access_denied when its user declines, and keeps its earlier scope', async () => {
    const { provider, questions, heldScopes, look, book, finish, end } = await traveller()
    const { tokens } = provider.stored
    provider.decision = { decision: 'deny' }
    await expect(book()).rejects.toBeInstanceOf(NewUnauthorizedError)
    await expect(finish()).rejects.toThrow(expect.objectContaining({ code: 'access_denied', message: 'the user declined' }))
    expect([await look(), provider.stored.tokens]).toEqual([LISTED, tokens])

    provider.decision = { decision: 'approve' }
    await expect(book()).rejects.toBeInstanceOf(NewUnauthorizedError)
    await finish()
    expect([heldScopes(), await book(), questions.length]).toEqual([['mcp:read', 'mcp:write'], BOOKED, 2])
    await end()
  })

  it('asks its user again when its grant was narrowed after the token was issued', async () => {
    const { provider, heldScopes, look, book, finish, end } = await traveller()
    await expect(book()).rejects.toBeInstanceOf(NewUnauthorizedError)
    await finish()
    const { items } = (await site.management.call('GET', '/api/me/grants')) as {
      items: { id: string; clientId: string; scopes: string[] }[]
    }
    const wide = items.filter(({ clientId, scopes }) => clientId === provider.stored.client?.client_id && scopes.includes('mcp:write'))
    expect(wide).toHaveLength(1)
    await site.management.call('PATCH', `/api/me/grants/${wide[0]?.id}`, { scopes: ['mcp:read'] })
    // the first try ends in a refresh, which cannot give more than the grant has
    const failed = () => book().catch((error: unknown) => error)
    await expect.poll(failed, { timeout: 12_000, interval: 500 }).toBeInstanceOf(NewUnauthorizedError)
    expect([heldScopes(), await look()]).toEqual([['mcp:read'], LISTED])
    expectMore(provider.consentPage)
    await finish()
    expect([heldScopes(), await book()]).toEqual([['mcp:read', 'mcp:write'], [expect.objectContaining({ type: 'text' })]])
    await end()
  })
})

it('MCP endpoint answers 403 to a foreign Origin and 404 for an unknown server when there is no token', async () => {
  const foreign = await fetch(url, { method: 'POST', headers: { Origin: 'https://evil.example' } })
  const unknown = await fetch(`${site.platform.origin}/demo/nothing/mcp`, { method: 'POST' })
  expect([foreign.status, unknown.status]).toEqual([403, 404])
})
