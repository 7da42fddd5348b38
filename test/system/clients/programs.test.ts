import type { Readable } from 'node:stream'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Site, startSite } from '../support.ts'
import { approveFrom, connectMcpc, type Home, makeHome, packageFile, run } from './program.ts'

/** Programs as their makers ship them, given nothing but the URL. */
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

it.each([['legacy'], ['auto']])(
  'lets mcp-remote in, as a local server for an app that knows no other, with --protocol %s',
  async (protocol) => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [packageFile('mcp-remote/dist/proxy.js'), url, '--protocol', protocol],
      env: home.env,
      stderr: 'pipe',
    })
    const told = approveFrom(transport.stderr as Readable, site.platform.origin)
    const client = new Client({ name: 'local app', version: '1.0.0' })
    await client.connect(transport).catch((error: unknown) => {
      throw new Error(told.text(), { cause: error })
    })
    expect(told.approved()).toHaveLength(1)
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['greet', 'whoami'])
    const { content } = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } })
    expect(content).toEqual([{ type: 'text', text: 'Hello, Ada!' }])
    await client.close()
  },
)

it('lets mcpc log in, connect and call', async () => {
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

it.each([['legacy'], ['modern'], ['auto']])('lets the MCP Inspector’s command line in, in its %s era', async (era) => {
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
