import type { Readable } from 'node:stream'
import { Client, type StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connect, ScriptedProvider } from '../../../scripts/scripted-client.ts'
import { PERSON, type Site, startSite } from '../support.ts'
import { approveFrom, makeHome, packageFile } from './program.ts'

/** Clients recover by themselves from credentials that are no longer valid. */
let site: Site
let url: string
beforeAll(async () => {
  site = await startSite()
  url = await site.deployed('hello')
})
afterAll(() => site?.stop())

const GREET = { name: 'greet', arguments: { name: 'Ada' } }
const GREETED = [{ type: 'text', text: 'Hello, Ada!' }]

async function endGrants(): Promise<void> {
  const path = '/api/tenants/demo/servers/hello/grants'
  const { items } = (await site.management.call('GET', path)) as { items: { id: string }[] }
  expect(items.length).toBeGreaterThan(0)
  for (const { id } of items) await site.management.call('DELETE', `${path}/${id}`)
}

const MODES = [
  ['at 2026-07-28', { pin: '2026-07-28' }],
  ['with a session', 'legacy'],
] as const

it.each(MODES)('official client %s refreshes an access token that is no longer valid', async (_, mode) => {
  const provider = new ScriptedProvider(PERSON)
  const client = await connect(url, provider, mode)
  const held = provider.stored.tokens
  if (!held) throw new Error('the client holds no tokens')
  provider.callback = undefined
  provider.stored.tokens = { ...held, access_token: `${held.access_token.slice(0, -1)}!` }
  expect((await client.callTool(GREET)).content).toEqual(GREETED)
  expect(provider.stored.tokens.refresh_token).not.toBe(held.refresh_token)
  expect(provider.callback).toBeUndefined()
  await client.close()
})

it.each(MODES)('official client %s asks its user again when the grant was ended', async (_, mode) => {
  const provider = new ScriptedProvider(PERSON)
  const client = await connect(url, provider, mode)
  const { client_id: clientId } = provider.stored.client ?? {}
  provider.callback = undefined
  await endGrants()
  await expect
    .poll(() => client.callTool(GREET).catch((error: unknown) => error), { timeout: 12_000, interval: 500 })
    .toBeInstanceOf(UnauthorizedError)
  const callback = (provider as { callback: URL | undefined }).callback
  await (client.transport as StreamableHTTPClientTransport).finishAuth(callback?.searchParams ?? new URLSearchParams())
  expect(provider.stored.client?.client_id).toBe(clientId)
  await client.close().catch(() => undefined)

  const again = await connect(url, provider, mode)
  expect((await again.callTool(GREET)).content).toEqual(GREETED)
  await again.close()
})

it('mcp-remote asks its user again when the grant was ended, and the local app gets its result', async () => {
  const home = await makeHome()
  try {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [packageFile('mcp-remote/dist/proxy.js'), url, '--protocol', 'auto'],
      env: home.env,
      stderr: 'pipe',
    })
    const terminal = approveFrom(transport.stderr as Readable, site.platform.origin)
    const client = new Client({ name: 'local app', version: '1.0.0' })
    await client.connect(transport)
    expect((await client.callTool(GREET)).content).toEqual(GREETED)
    await endGrants()
    await expect
      .poll(
        () =>
          client.callTool(GREET).then(
            () => terminal.approved().length,
            () => terminal.approved().length,
          ),
        { timeout: 20_000, interval: 500 },
      )
      .toBe(2)
    await expect
      .poll(
        () =>
          client.callTool(GREET).then(
            ({ content }) => content,
            (error: unknown) => error,
          ),
        { timeout: 12_000 },
      )
      .toEqual(GREETED)
    await client.close()
  } finally {
    await home.remove()
  }
})
