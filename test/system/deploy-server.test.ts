import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ModulesBody, VersionBody } from '../../protocol/api/versions.ts'
import { ROOT } from '../../scripts/wrangler.ts'
import { startSite, type Site } from './support.ts'

let site: Site
let token: string
let directory: string
const base = '/api/tenants/demo/servers/mine'

beforeAll(async () => {
  site = await startSite()
  await site.management.ensureServer('demo', 'mine')
  const made = await site.management.call('POST', '/api/me/tokens', { name: 'ci', tenant: 'demo', role: 'developer' })
  token = (made as { token: string }).token
  directory = await mkdtemp(join(tmpdir(), 'wharf-deploy-server-'))
  await cp(join(ROOT, 'examples/weather'), join(directory, 'weather'), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
})
afterAll(async () => {
  await rm(directory, { recursive: true, force: true })
  await site.stop()
})

/** Runs the command as npm does: in the project folder, with the calling directory in INIT_CWD. */
async function deploy(args: string[], env: Record<string, string> = {}): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['scripts/run.js', 'deploy-server', ...args], {
    cwd: ROOT,
    env: { ...process.env, INIT_CWD: directory, WHARF_ORIGIN: site.platform.origin, WHARF_SERVER: 'demo/mine', WHARF_TOKEN: token, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, output }
}

/** Creates a directory with `text` as its `server.ts`. Returns the name of the directory. */
async function server(name: string, text: string, more: Record<string, string> = {}): Promise<string> {
  await mkdir(join(directory, name), { recursive: true })
  for (const [file, content] of Object.entries({ 'server.ts': text, ...more })) await writeFile(join(directory, name, file), content)
  return name
}

const versions = async () => ((await site.management.call('GET', `${base}/versions`)) as { items: VersionBody[] }).items

const withTool = (registration: string) => `import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

function build(): McpServer {
  const server = new McpServer({ name: 'mine', version: '1.0.0' })
  ${registration}
  return server
}

export default { fetch: (request: Request) => createMcpHandler(build).fetch(request) }
`

describe('deploy-server', () => {
  it('bundles, uploads, probes and activates a directory, and prints each step', async () => {
    const { code, output } = await deploy(['weather', '--note', 'from CI'])
    expect(code, output).toBe(0)
    expect(output).toMatch(/^bundled +daylight\.ts, forecast\.ts, places\.ts, server\.ts: \d+ KB$/m)
    for (const subject of ['server/discover', 'tools/list', 'tools/places']) expect(output).toContain(`probed    ${subject}\n`)
    expect(output).toMatch(/^info +server\.ts:\d+:\d+: tools\/places: called with \{\}, the tool answered \(tool-call\)$/m)
    expect(output).toContain(`active    ${site.platform.origin}/demo/mine/mcp\n`)
    const [version] = await versions()
    expect(version).toMatchObject({ state: 'ready', active: true, note: 'from CI' })
    const { sources } = (await site.management.call('GET', `${base}/versions/${version?.number}/modules`)) as ModulesBody
    expect([sources?.main, Object.keys(sources?.files ?? {})]).toEqual([
      'server.ts',
      ['daylight.ts', 'forecast.ts', 'places.ts', 'server.ts'],
    ])
  })

  it('activates nothing with --no-activate, and uploads no sources with --no-sources', async () => {
    const before = (await versions()).length
    const { code, output } = await deploy(['weather', '--no-activate', '--no-sources'])
    expect(code, output).toBe(0)
    const [version] = await versions()
    expect(version).toMatchObject({ number: before + 1, state: 'ready', active: false })
    expect(output).toContain(`ready     ${site.platform.origin}/demo/mine/mcp/versions/${before + 1}\n`)
    expect(await site.management.call('GET', `${base}/versions/${before + 1}/modules`)).toMatchObject({ sources: null })
  })

  it('deploys a directory without a package.json', async () => {
    const name = await server(
      'bare',
      withTool(`server.registerTool('look', { description: 'Looks', annotations: { readOnlyHint: true } }, () => ({ content: [] }))`),
    )
    const { code, output } = await deploy([name])
    expect(code, output).toBe(0)
  })

  it('deploys the manifest of a static version with the files named in it', async () => {
    await mkdir(join(directory, 'pages'))
    await writeFile(join(directory, 'pages/leave.md'), '# Leave')
    const resource = { uri: 'pages://leave', name: 'leave', mimeType: 'text/markdown', file: 'leave.md' }
    await writeFile(join(directory, 'pages/wharf-static.json'), JSON.stringify({ source: 'static', resources: [resource] }))
    const { code, output } = await deploy(['pages', '--note', 'data', '--no-activate'])
    expect(code, output).toBe(0)
    const [version] = await versions()
    expect(version).toMatchObject({ state: 'ready', active: false, source: 'static', note: 'data' })
    expect(await site.management.call('GET', `${base}/versions/${version?.number}/manifest`)).toMatchObject({
      manifest: { source: 'static', resources: [{ uri: 'pages://leave', text: '# Leave' }] },
    })
  })

  it('bundles installed packages, and leaves the Node modules of the runtime out', async () => {
    const name = await server(
      'packaged',
      withTool(
        `server.registerTool('look', { description: 'Looks', inputSchema: z.object({}), annotations: { readOnlyHint: true } }, () => ({ content: [{ type: 'text', text: jose.base64url.encode(Buffer.from(basename('/a/b'))) }] }))`,
      ).replace('\n', "\nimport { Buffer } from 'buffer'\nimport { basename } from 'node:path'\nimport * as jose from 'jose'\n"),
    )
    const { code, output } = await deploy([name])
    expect(code, output).toBe(0)
  })
})

describe('deploy-server exits with 1', () => {
  it.each([
    ['sources that do not parse', `export default {\n  fetch( }\n}\n`, ['error     server.ts:2:10: Expected identifier but found "}"']],
    [
      'an import of a missing file',
      `import { a } from './gone.ts'\nexport default { a }\n`,
      ['error     server.ts:1:19: Could not resolve "./gone.ts"'],
    ],
    [
      'a package that is not installed',
      `import a from 'no-such-package'\nexport default { a }\n`,
      ['server.ts:1:15: Could not resolve "no-such-package"'],
    ],
    [
      'a module that Workers lack',
      `import a from 'node:sea'\nexport default { a }\n`,
      ['server.ts:1:15: "node:sea" does not exist on Cloudflare Workers'],
    ],
  ])('and uploads nothing for %s', async (what, text, expected) => {
    const before = (await versions()).length
    const { code, output } = await deploy([await server(what.replaceAll(' ', '-'), text)])
    expect(code, output).toBe(1)
    for (const each of expected) expect(output).toContain(each)
    expect(await versions()).toHaveLength(before)
  })

  it.each([
    [
      'code that throws as it loads',
      `const table: Record<string, string> = {}\n\nfunction boom(): never {\n  throw new Error('no luck')\n}\nboom()\nexport default table\n`,
      [/^error +server\.ts:4:9: server\.js: does not start: Error: no luck\n +at server\.ts:4:9 in boom\n +at server\.ts:6:1 \(/m],
    ],
    [
      'an invalid tool name',
      withTool(`server.registerTool('no spaces', { description: 'Looks', annotations: { readOnlyHint: true } }, () => ({ content: [] }))`),
      [/^error +server\.ts:6:23: tools\/no spaces: .*\(tool-name\)$/m],
    ],
    [
      'a tool that pushes requests to the client',
      withTool(`server.registerTool(
    'ask',
    { description: 'Asks', annotations: { readOnlyHint: true } },
    async ({ mcpReq }) => {
      await mcpReq.elicitInput({ message: 'Well?', requestedSchema: { type: 'object', properties: {} } })
      return { content: [] }
    },
  )`),
      [/^error +server\.ts:7:5: tools\/ask: .*\(push-style-call\)$/m],
    ],
  ])('and keeps a refused version for %s', async (what, text, expected) => {
    const active = (await versions()).find((version) => version.active)?.number
    const { code, output } = await deploy([await server(what.replaceAll(' ', '-'), text)])
    expect(code, output).toBe(1)
    for (const each of expected) expect(output).toMatch(each)
    const [latest] = await versions()
    expect(latest).toMatchObject({ state: 'refused', active: false })
    expect(output).toContain(`Version ${latest?.number} was refused`)
    expect((await versions()).find((version) => version.active)?.number).toBe(active)
  })

  it.each([
    ['no directory', [], {}, 'DIR is missing'],
    ['a missing directory', ['nowhere'], {}, 'Entry module not found'],
    ['an unknown option', ['weather', '--servr', 'x'], {}, "Unknown option '--servr'"],
    ['no server', ['weather'], { WHARF_SERVER: '' }, 'Hosted server missing or invalid'],
    ['no token', ['weather'], { WHARF_TOKEN: '' }, 'WHARF_TOKEN must hold a personal API token'],
    ['an invalid token', ['weather'], { WHARF_TOKEN: `wharf_pat_${'x'.repeat(43)}` }, 'The personal API token is not valid'],
    ['an unknown server', ['weather', '--server', 'demo/other'], {}, 'Hosted server not found'],
    ['a server of another tenant', ['weather', '--server', 'other/mine'], {}, 'Hosted server not found'],
    ['an origin without TLS', ['weather', '--origin', 'http://mcp.example.com'], {}, '--origin must be an https origin'],
    ['an origin with a path', ['weather', '--origin', 'https://mcp.example.com/x'], {}, '--origin must be an https origin'],
  ])('and prints one sentence for %s', async (_, args, env, sentence) => {
    const { code, output } = await deploy(args, env)
    expect([code, output]).toEqual([1, expect.stringContaining(sentence)])
    expect(output).not.toContain('    at ') // no stack trace
  })

  it('and names the missing role for a token with a lower role', async () => {
    const made = await site.management.call('POST', '/api/me/tokens', { name: 'low', tenant: 'demo', role: 'viewer' })
    const { code, output } = await deploy(['weather'], { WHARF_TOKEN: (made as { token: string }).token })
    expect([code, output]).toEqual([1, expect.stringContaining('This requires the role developer in demo; your role is viewer.')])
  })
})

describe('deploy-server over a broken connection', () => {
  let proxy: Server
  afterAll(() => void proxy.close())

  it('retries the upload and deploys one version', async () => {
    let broken = 0
    proxy = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = []
        for await (const chunk of request) chunks.push(chunk as Buffer)
        const headers = Object.fromEntries(
          Object.entries(request.headers).filter(([name]) => !/^(host|connection|content-length)$/.test(name)),
        )
        const answer = await fetch(site.platform.origin + request.url, {
          method: request.method ?? 'POST',
          headers: headers as Record<string, string>,
          body: Buffer.concat(chunks),
        })
        response.writeHead(answer.status, Object.fromEntries(answer.headers))
        const text = await answer.text()
        if (broken++ === 0) {
          response.write(text.slice(0, 200), () => request.socket.destroy())
          return
        }
        response.end(text)
      })()
    })
    const port = await new Promise<number>((resolve) =>
      proxy.listen(0, '127.0.0.1', () => resolve((proxy.address() as { port: number }).port)),
    )
    const before = (await versions()).length
    const { code, output } = await deploy(['weather', '--origin', `http://127.0.0.1:${port}`])
    expect(code, output).toBe(0)
    expect(broken).toBe(2)
    expect(await versions()).toHaveLength(before + 1)
  })
})
