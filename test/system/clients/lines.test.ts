import { spawn } from 'node:child_process'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clientLines } from '../../../protocol/client-lines.ts'
import { ROOT } from '../../../scripts/wrangler.ts'
import { type Site, startSite } from '../support.ts'
import { approveFrom, type Home, makeHome } from './program.ts'

/* The programs on a server's page, saved in an empty folder and run as they are. */

let site: Site
let home: Home
const urls: Record<'members' | 'public', string> = { members: '', public: '' }
/** A Python with the package mcp. Without it the Python program is not run. */
const PYTHON = process.env['PYTHON_WITH_MCP']
const PROGRAMS: [client: string, command: string][] = [
  ['TypeScript', process.execPath],
  ...(PYTHON ? [['Python', PYTHON] as [string, string]] : []),
]

beforeAll(async () => {
  site = await startSite()
  home = await makeHome()
  await symlink(join(ROOT, 'node_modules'), join(home.directory, 'node_modules'))
  urls.members = await site.deployed('hello')
  urls.public = await site.deployed('weather', { access: 'public' })
})

afterAll(async () => {
  await site?.stop()
  await home?.remove()
})

async function run(client: string, command: string, access: 'members' | 'public') {
  const name = access
  const { line = '' } = clientLines({ url: urls[access], name, isOpen: access === 'public' }).find((each) => each.client === client) ?? {}
  const file = join(home.directory, client === 'Python' ? `${name}.py` : `${name}.mjs`)
  await writeFile(file, line)
  const child = spawn(command, [file], { cwd: home.directory, env: home.env })
  const output = approveFrom(child.stdout, site.platform.origin)
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
  const code = await new Promise((resolve) => child.on('close', resolve))
  return { code, errors, text: output.text(), approvals: output.approved().length }
}

it.each(PROGRAMS)('%s program signs in when the server requires it, and lists the tools', async (client, command) => {
  const listed = await run(client, command, 'members')
  expect(listed).toMatchObject({ code: 0, errors: '', text: expect.stringContaining('greet'), approvals: 1 })
})

it.each(PROGRAMS)('%s program lists the tools without a sign-in when the server is public', async (client, command) => {
  const listed = await run(client, command, 'public')
  expect(listed).toMatchObject({ code: 0, errors: '', text: expect.stringContaining('daylight'), approvals: 0 })
})

it('curl command is answered by a public server', async () => {
  const { line = '' } = clientLines({ url: urls.public, name: 'weather', isOpen: true }).find(({ client }) => client === 'curl') ?? {}
  const child = spawn('sh', ['-c', line])
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
  expect(text).toMatch(/^HTTP\/1\.1 200 /)
  expect(text).toContain('"serverInfo"')
})
