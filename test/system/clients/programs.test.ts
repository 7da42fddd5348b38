import type { Readable } from 'node:stream'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Site, startSite } from '../support.ts'
import { approveFrom, connectMcpc, type Home, makeHome, packageFile, run } from './program.ts'

/** Published programs that get only the URL. */
let site: Site
let url: string
let home: Home
beforeAll(async () => {
  site = await startSite()
  url = await site.deployed('hello')
})
afterAll(() => site?.stop())
beforeEach(async () => {
  home = await makeHome()
  return () => home.remove()
})

it.each([['legacy'], ['auto']])('mcp-remote with --protocol %s authorizes and serves a local app', async (protocol) => {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [packageFile('mcp-remote/dist/proxy.js'), url, '--protocol', protocol],
    env: home.env,
    stderr: 'pipe',
  })
  const terminal = approveFrom(transport.stderr as Readable, site.platform.origin)
  const client = new Client({ name: 'local app', version: '1.0.0' })
  await client.connect(transport).catch((error: unknown) => {
    throw new Error(terminal.text(), { cause: error })
  })
  expect(terminal.approved()).toHaveLength(1)
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['greet', 'whoami'])
  const { content } = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } })
  expect(content).toEqual([{ type: 'text', text: 'Hello, Ada!' }])
  await client.close()
})

it('mcpc logs in, connects and calls a tool', async () => {
  const mcpc = (...args: string[]) => run(packageFile('@apify/mcpc/bin/mcpc'), ['--json', ...args], home, site.platform.origin)
  const login = await mcpc('login', url)
  expect([login.code, login.stderr]).toEqual([0, expect.stringContaining('[the browser: 200')])
  expect(JSON.parse(login.stdout)).toMatchObject({ profile: 'default', serverUrl: url })
  try {
    const connected = await connectMcpc(() => mcpc('connect', url, '@hello'))
    expect([connected.code, connected.stdout]).toEqual([0, expect.stringContaining('greet')])
    const called = await mcpc('@hello', 'tools-call', 'greet', 'name:=Ada')
    expect([called.code, called.stdout]).toEqual([0, expect.stringContaining('Hello, Ada!')])
  } finally {
    await mcpc('@hello', 'close')
  }
})

it.each([['legacy'], ['modern'], ['auto']])('MCP Inspector command line in its %s era authorizes and calls a tool', async (era) => {
  const called = await run(
    packageFile('@modelcontextprotocol/inspector/clients/launcher/build/index.js'),
    ['--cli', url, '--protocol-era', era, '--method', 'tools/call', '--tool-name', 'greet', '--tool-arg', 'name=Ada', '--format', 'json'],
    home,
    site.platform.origin,
  )
  expect([called.code, called.stdout, called.stderr]).toEqual([
    0,
    expect.stringContaining('Hello, Ada!'),
    expect.stringContaining('[the browser: 200'),
  ])
})
