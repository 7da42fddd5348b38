import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { type StreamableHTTPClientTransport, UnauthorizedError as NewUnauthorizedError } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
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
  ['choosing for itself', 'auto', '2026-07-28'],
  ['of the session-bearing era', 'legacy', '2025-11-25'],
] as const)('lets the official client 2.x, %s, discover, authorize and call from nothing but the URL', async (_, mode, revision) => {
  const client = await connect(url, new ScriptedProvider(PERSON), mode)
  expect(client.getNegotiatedProtocolVersion()).toBe(revision)
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['greet', 'whoami'])
  const { content } = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } })
  expect(content).toEqual([{ type: 'text', text: 'Hello, Ada!' }])
  await client.close()
})

it('lets the official client 1.x discover, authorize, open a session, call and end it', async () => {
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

it('lets a client that holds only mcp:read step up when it calls a tool that can change things, and asks its user on the way', async () => {
  const trip = await site.deployed('trip', { challenge: 'least' })
  const provider = new ScriptedProvider(PERSON)
  const client = await connect(trip, provider, { pin: '2026-07-28' }, { capabilities: { elicitation: { form: {} } } })
  expect(provider.stored.tokens?.scope?.split(' ')).not.toContain('mcp:write')
  const asked: string[] = []
  const answers: Record<string, number | boolean>[] = [{ nights: 3, travellers: 2 }, { book: true }]
  client.setRequestHandler('elicitation/create', ({ params }) => {
    asked.push(params.message)
    return { action: 'accept' as const, content: answers[asked.length - 1] ?? {} }
  })
  const book = () => client.callTool({ name: 'book_trip', arguments: { destination: 'Lisbon' } })

  await expect(book()).rejects.toBeInstanceOf(NewUnauthorizedError)
  await (client.transport as StreamableHTTPClientTransport).finishAuth(provider.callback?.searchParams ?? new URLSearchParams())
  expect(provider.stored.tokens?.scope?.split(' ')).toContain('mcp:write')
  const { content, isError } = await book()
  expect([asked.length, isError ?? false]).toEqual([2, false])
  expect(JSON.stringify(content)).toContain('Lisbon')
  await client.close()
})

it('answers a foreign Origin and an unknown server alike whoever asks, and needs no token to say so', async () => {
  const foreign = await fetch(url, { method: 'POST', headers: { Origin: 'https://evil.example' } })
  const unknown = await fetch(`${site.platform.origin}/demo/nothing/mcp`, { method: 'POST' })
  expect([foreign.status, unknown.status]).toEqual([403, 404])
})
