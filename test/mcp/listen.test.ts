import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { callModern, eventsOf, wireServer } from '../support/modern.ts'
import { createServer, createToken, surfaceOf, type TestServer } from '../support/platform.ts'

const surface = surfaceOf([], { capabilities: { tools: { listChanged: true }, resources: { subscribe: true } } })
const open = () => createServer({ code: wireServer('{}'), surface, settings: { access: 'public' } })
const listen = (server: TestServer, notifications: unknown, rest = {}) =>
  callModern(server, { method: 'subscriptions/listen', params: { notifications }, ...rest })
const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId'

it.each([['s-1'], [7]])('subscription acknowledges the supported filters and marks every message with the request id %j', async (id) => {
  const server = await open()
  const response = await listen(server, { toolsListChanged: true, promptsListChanged: true, resourceSubscriptions: ['a://1'] }, { id })
  expect(response.headers.get('Content-Type')).toBe('text/event-stream')
  const events = eventsOf(response)
  expect((await events.next()).value?.message).toEqual({
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications: { toolsListChanged: true, resourceSubscriptions: ['a://1'] }, _meta: { [SUBSCRIPTION]: id } },
  })
  const hub = env.SUBSCRIPTION_HUB.getByName(server.id)
  await hub.publish({ type: 'prompts/list_changed' })
  await hub.publish({ type: 'resources/updated', uri: 'a://2' })
  await hub.publish({ type: 'resources/updated', uri: 'a://1' })
  await hub.publish({ type: 'tools/list_changed' })
  expect((await events.next()).value?.message).toMatchObject({
    method: 'notifications/resources/updated',
    params: { uri: 'a://1', _meta: { [SUBSCRIPTION]: id } },
  })
  expect((await events.next()).value?.message).toMatchObject({
    method: 'notifications/tools/list_changed',
    params: { _meta: { [SUBSCRIPTION]: id } },
  })
  await events.return(undefined)
})

it('subscription ends with the result of its request when the grant ends', async () => {
  const server = await open()
  const { token, grantId } = await createToken(server)
  const events = eventsOf(await listen(server, { toolsListChanged: true }, { token, id: 'x' }))
  await events.next()
  await env.SUBSCRIPTION_HUB.getByName(server.id).endGrants([grantId])
  expect((await events.next()).value?.message).toEqual({
    jsonrpc: '2.0',
    id: 'x',
    result: { resultType: 'complete', _meta: { [SUBSCRIPTION]: 'x' } },
  })
  expect((await events.next()).done).toBe(true)
})

it('subscription ends when its token expires', async () => {
  const server = await open()
  const { token } = await createToken(server, { expiresIn: 2 })
  const methods = []
  for await (const { message } of eventsOf(await listen(server, {}, { token }))) methods.push(message?.['method'] ?? 'result')
  expect(methods).toEqual(['notifications/subscriptions/acknowledged', 'result'])
})

it('subscription number 21 of a principal ends the oldest, and no subscription of another principal', async () => {
  const server = await open()
  const { token } = await createToken(server)
  const stranger = await listen(server, {})
  const opened = []
  for (let n = 0; n < 20; n++) opened.push(await listen(server, {}, { token, id: n }))
  const newest = await listen(server, {}, { token, id: 20 })
  expect(newest.status).toBe(200)
  const methods = []
  for await (const { message } of eventsOf(opened[0]!)) methods.push(message?.['method'] ?? 'result')
  expect(methods).toEqual(['notifications/subscriptions/acknowledged', 'result'])
  for (const kept of [stranger, ...opened.slice(1), newest]) {
    const reader = kept.body!.pipeThrough(new TextDecoderStream()).getReader()
    let seen = ''
    const read = async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) seen += part.value
    }
    expect(await Promise.race([read().then(() => 'ended'), scheduler.wait(50).then(() => 'open')])).toBe('open')
    expect(seen).toContain('acknowledged')
    expect(seen).not.toContain('"result"')
    await reader.cancel()
  }
})

it.each([
  ['is missing', undefined],
  ['has a string in place of a boolean', { toolsListChanged: 'yes' }],
  ['has a URI of 3,000 characters', { resourceSubscriptions: ['a'.repeat(3000)] }],
])('subscription is refused when its filter %s', async (_, notifications) => {
  expect(await (await listen(await open(), notifications)).json()).toMatchObject({ error: { code: -32602 } })
})
