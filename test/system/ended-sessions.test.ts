import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EndedSessions } from '../../scripts/ended-sessions.ts'
import { type Site, startSite } from './support.ts'

let site: Site
beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site?.stop())

async function openSession(url: string): Promise<{ client: Client; transport: StreamableHTTPClientTransport }> {
  const client = new Client({ name: 'visitor', version: '1' }, { versionNegotiation: { mode: 'legacy' } })
  const transport = new StreamableHTTPClientTransport(new URL(url))
  await client.connect(transport)
  return { client, transport }
}

it('files of ended sessions are removed, and open sessions keep theirs', async () => {
  const url = await site.deployed('hello', { access: 'public' })
  const data = join(site.state, 'data/v3')
  const sessionFiles = async () => (await readdir(join(data, 'do/wharf-McpSession'))).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name))
  const kept = await openSession(url)
  for (let count = 0; count < 5; count += 1) {
    const { client, transport } = await openSession(url)
    await transport.terminateSession()
    await client.close()
  }
  expect(await sessionFiles()).toHaveLength(6)

  const ended = new EndedSessions(data, 0)
  await expect.poll(async () => (await ended.remove(), (await sessionFiles()).length), { timeout: 20_000 }).toBe(1)
  await ended.remove()
  expect(await sessionFiles()).toHaveLength(1)
  const { tools } = await kept.client.listTools()
  expect(tools.map(({ name }) => name)).toContain('greet')
  await kept.client.close()
})
