import { type ClientRequest, request as send } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { VersionBody } from '../../protocol/api/versions.ts'
import { modernRequest } from './modern-request.ts'
import { type Site, startSite } from './support.ts'

let site: Site
beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site?.stop())

/** Answers `quick` at once and `silent` after ten minutes, so never in these tests. */
const SERVER = `const tools = ['quick', 'silent'].map((name) => ({ name, inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }))
export default { async fetch(request) {
  const { id, method, params } = await request.json()
  const ok = (result) => Response.json({ jsonrpc: '2.0', id, result: { resultType: 'complete', ttlMs: 0, cacheScope: 'private', ...result } })
  if (method === 'server/discover') return ok({ supportedVersions: ['2026-07-28'], capabilities: { tools: { listChanged: true } } })
  if (method === 'tools/list') return ok({ tools })
  if (params.name === 'silent') await new Promise((resolve) => setTimeout(resolve, 600_000))
  return ok({ content: [{ type: 'text', text: params.name }] })
} }`

async function publicServer(name: string, limits: object): Promise<string> {
  await site.management.ensureServer('demo', name, { access: 'public', limits })
  const upload = { manifest: { source: 'code', mainModule: 'index.js' }, modules: { 'index.js': SERVER }, activate: true }
  const version = (await site.management.call('POST', `/api/tenants/demo/servers/${name}/versions`, upload)) as VersionBody
  expect(version).toMatchObject({ state: 'ready', active: true })
  return `${site.platform.origin}/demo/${name}/mcp`
}

interface Sent {
  request: ClientRequest
  /** Status of the response, or undefined if the connection ended first. */
  status: Promise<number | undefined>
}

/** Sends a request on a connection of its own. */
function post(url: string, method: string, params: Record<string, unknown>): Sent {
  const { body, ...rest } = modernRequest(method, params)
  const request = send(url, { ...rest, agent: false })
  const status = new Promise<number | undefined>((resolve) => {
    request.once('response', (response) => {
      response.on('error', () => {}).resume()
      resolve(response.statusCode)
    })
    request.on('error', () => resolve(undefined))
  })
  request.end(body)
  return { request, status }
}

const call = (url: string, name: string) => post(url, 'tools/call', { name, arguments: {} })

it('callers of a silent tool who hang up free their places long before the deadline', async () => {
  const url = await publicServer('silent', { deadlineSeconds: 120, totalSeconds: 120, concurrentCalls: 3 })
  const waiting = [call(url, 'silent'), call(url, 'silent'), call(url, 'silent')]
  await sleep(2_000)
  expect(await call(url, 'quick').status).toBe(503)
  for (const { request } of waiting) request.destroy()
  await expect.poll(() => call(url, 'quick').status, { timeout: 30_000, interval: 250 }).toBe(200)
})

it('callers who hang up before the first byte of the answer free their places too', async () => {
  const url = await publicServer('early', { deadlineSeconds: 120, totalSeconds: 120, concurrentCalls: 3 })
  for (let round = 0; round < 3; round += 1) {
    const waiting = [call(url, 'silent'), call(url, 'silent'), call(url, 'silent')]
    await sleep(100)
    for (const { request } of waiting) request.destroy()
    await expect.poll(() => call(url, 'quick').status, { timeout: 30_000, interval: 250 }).toBe(200)
  }
})

it('a client that drops twenty subscriptions subscribes again at once', async () => {
  const url = await publicServer('listeners', { deadlineSeconds: 30, totalSeconds: 30, concurrentCalls: 3 })
  const listen = () => post(url, 'subscriptions/listen', { notifications: { toolsListChanged: true } })
  const open: Sent[] = []
  for (let count = 0; count < 20; count += 1) {
    const one = listen()
    expect(await one.status).toBe(200)
    open.push(one)
  }
  for (const { request } of open) request.destroy()
  for (let count = 0; count < 25; count += 1) {
    const one = listen()
    expect(await one.status).toBe(200)
    one.request.destroy()
  }
})
