import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { modernRequest } from './modern-request.ts'
import { startSite, type Site } from './support.ts'

/** A server with one tool, which prints `lines` lines of `characters` characters. */
const CODE = `const complete = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' }
const tool = { name: 'print', description: 'Prints.', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }
export default {
  async fetch(request) {
    const { id, method, params } = await request.json()
    const { lines = 0, characters = 10 } = params.arguments ?? {}
    for (let n = 0; n < lines; n++) console.log('x'.repeat(characters), n)
    const result = {
      'server/discover': { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
      'tools/list': { tools: [tool] },
      'tools/call': { content: [] },
    }[method]
    return Response.json({ jsonrpc: '2.0', id, result: { ...complete, ...result } })
  },
}`

let site: Site
beforeAll(async () => {
  site = await startSite()
  for (const name of ['noisy', 'quiet']) {
    await site.management.ensureServer('demo', name, { access: 'public' })
    await site.management.call('POST', `/api/tenants/demo/servers/${name}/versions`, {
      manifest: { source: 'code', mainModule: 'main.js' },
      modules: { 'main.js': CODE },
      activate: true,
    })
    await call(name, {})
  }
}, 120_000)
afterAll(() => site?.stop())

/** Calls the tool and returns the duration in milliseconds. */
async function call(server: string, args: Record<string, number>): Promise<number> {
  const start = performance.now()
  const response = await fetch(
    `${site.platform.origin}/demo/${server}/mcp`,
    modernRequest('tools/call', { name: 'print', arguments: args }),
  )
  expect(await response.json()).toMatchObject({ result: { content: [] } })
  return performance.now() - start
}

it.each([
  ['200,000 lines', { lines: 200_000 }],
  ['2,000 lines of 100,000 characters', { lines: 2_000, characters: 100_000 }],
])('calls of another server answer within 2 s when one call prints %s', async (_, args) => {
  const flood = new AbortController()
  const noisy = call('noisy', args).finally(() => flood.abort())
  let slowest = 0
  do {
    slowest = Math.max(slowest, await call('quiet', {}))
    await sleep(20)
  } while (!flood.signal.aborted)
  expect(await noisy).toBeLessThan(3_000)
  expect(slowest).toBeLessThan(2_000)
})
