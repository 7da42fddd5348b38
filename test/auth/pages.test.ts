import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import worker from '../../workers/index.ts'
import { createServer, fetchPlatform, ORIGIN, surfaceOf } from '../support/platform.ts'

const place = { type: 'string', description: 'Name of a <i>place</i>' }
const hostile = { anyOf: 1, enum: [{ deep: [] }, 'a', null], description: 7 }
const tools = [
  {
    name: 'look',
    description: '<b>Looks</b>',
    inputSchema: {
      type: 'object',
      properties: { place, unit: { enum: ['km', 'mi'] }, days: { type: 'array', items: { type: 'integer' } } },
      required: ['place'],
    },
    annotations: { readOnlyHint: true },
  },
  { name: 'change', inputSchema: { type: 'object', properties: { odd: hostile, none: true } } },
  { name: 'wipe', inputSchema: { type: 'object', properties: 'none' }, annotations: { readOnlyHint: false, destructiveHint: true } },
]

async function pageOf(access: 'members' | 'signed-in' | 'public') {
  const server = await createServer({
    code: 'export default {}',
    surface: surfaceOf(tools),
    settings: { access, name: 'A "fine" <server>', description: 'Tells of itself' },
  })
  const response = await fetchPlatform(`/${server.tenant.slug}/${server.slug}`)
  return { server, response, text: await response.text() }
}

/** Returns the mark beside the name of a tool. */
const markOf = (text: string, tool: string): string | undefined =>
  new RegExp(`<code>${tool}</code>.*?<span class="tag [a-z]+">([^<]+)`, 's').exec(text)?.[1]

it('server page shows the endpoint, a text per client and the tools, with their effect marked', async () => {
  const { server, response, text } = await pageOf('public')
  expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(text).toContain(`claude mcp add --transport http ${server.slug} ${server.urls.resource}`)
  expect(markOf(text, 'look')).toBe('Read-only')
  expect(markOf(text, 'change')).toBe('Can modify data')
  expect(markOf(text, 'wipe')).toBe('Destructive')
  expect(text).toContain('Tells of itself')
  expect(text).not.toContain('<b>Looks')
  expect(text).not.toContain('<server>')
})

it('server page shows name, type and need of each argument, whatever the schema holds', async () => {
  const { text } = await pageOf('signed-in')
  const rows = [...text.matchAll(/<tr>\s*<td>(.*?)<\/td>\s*<td>(.*?)<\/td>\s*<td>(.*?)<\/td>/gs)].map(([, ...cells]) =>
    cells.map((cell = '') => cell.replaceAll(/<[^>]+>/g, '').trim()),
  )
  expect(rows).toEqual([
    ['place required', 'string', 'Name of a &lt;i&gt;place&lt;/i&gt;'],
    ['unit', '&quot;km&quot; | &quot;mi&quot;', ''],
    ['days', 'array of integer', ''],
    ['odd', '… | &quot;a&quot; | …', ''],
    ['none', 'any', ''],
  ])
})

it('server page links apps by the deep links that their documentation gives', async () => {
  const { server, text } = await pageOf('public')
  const links = [...text.matchAll(/href="((?:cursor|vscode|vscode-insiders|https):[^"]+)"/g)].map(
    ([, href = '']) => new URL(href.replaceAll('&amp;', '&')),
  )
  const { resource: url } = server.urls
  const name = server.slug
  const cursor = links.filter(({ pathname }) => pathname.includes('install') && !pathname.startsWith('mcp/'))
  expect(cursor.map(({ searchParams }) => [searchParams.get('name'), JSON.parse(atob(searchParams.get('config') ?? ''))])).toEqual([
    [name, { url }],
    [name, { url }],
  ])
  const vsCode = links.filter(({ protocol }) => protocol.startsWith('vscode'))
  expect(vsCode.map(({ protocol }) => protocol)).toEqual(['vscode:', 'vscode-insiders:'])
  const redirect = links.find(({ host }) => host === 'vscode.dev')?.searchParams.get('url') ?? ''
  for (const { search } of [...vsCode, new URL(redirect)])
    expect(JSON.parse(decodeURIComponent(search.slice(1)))).toEqual({ name, type: 'http', url })
})

it('server page hides description and tools when access is members', async () => {
  const { server, text } = await pageOf('members')
  expect(text).toContain(server.urls.resource)
  for (const hidden of ['>look<', '>change<', 'Name of a', 'Tells of itself', '<h2>Tools']) expect(text).not.toContain(hidden)
})

it('server page allows scripts of its own origin only', async () => {
  const { response, text } = await pageOf('public')
  expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
  expect([...text.matchAll(/<script[^>]*>/g)].map(([tag]) => tag)).toEqual(['<script src="/dashboard/page.js" defer>'])
})

const landing = async (SAMPLE_SERVER: string): Promise<string> => {
  const request = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}/dashboard/`)
  return (await worker.fetch(request, { ...env, SAMPLE_SERVER }, createExecutionContext())).text()
}

it('landing page offers the sample of the operator only when the sample is public and has a version', async () => {
  const { server } = await pageOf('public')
  const { server: closed } = await pageOf('members')
  const nameOf = ({ tenant, slug }: typeof server) => `${tenant.slug}/${slug}`
  const offered = await landing(nameOf(server))
  expect(offered).toContain(server.urls.resource)
  expect(offered).toContain('cursor://anysphere.cursor-deeplink/mcp/install?')
  for (const none of ['', 'nobody/nothing', 'no slug', `${nameOf(server)}/mcp`, nameOf(closed)]) {
    const text = await landing(none)
    expect(text).toContain('has no public sample server')
    expect(text).not.toContain('<script')
    expect(text).not.toContain(closed.urls.resource)
  }
})

it('server page answers 404 with HTML when the server does not exist', async () => {
  const response = await fetchPlatform('/nobody/nothing')
  expect([response.status, response.headers.get('Content-Type')]).toEqual([404, 'text/html; charset=utf-8'])
})
