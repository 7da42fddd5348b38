import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { eventsOf, post } from './modern.ts'
import { fetchPlatform, type TestServer } from './platform.ts'

interface SessionOptions {
  revision?: string
  capabilities?: Record<string, unknown>
  token?: string
}

/** A minimal MCP client of a revision with sessions. */
export interface LegacySession {
  id: string
  /** Result of `initialize`. */
  initialized: Record<string, unknown>
  send(message: unknown, headers?: Record<string, string | null>): Promise<Response>
  request(id: string | number, method: string, params?: Record<string, unknown>): Promise<Response>
  call(id: string | number, name: string, args?: Record<string, unknown>, meta?: Record<string, unknown>): Promise<Response>
  answer(id: unknown, result: Record<string, unknown>): Promise<Response>
  notify(method: string, params?: Record<string, unknown>): Promise<Response>
  get(lastEventId?: string): Promise<Response>
  end(): Promise<Response>
  evict(): Promise<void>
  object: DurableObjectStub
}

export async function openSession(
  server: TestServer,
  { revision = '2025-11-25', capabilities = {}, token }: SessionOptions = {},
): Promise<LegacySession> {
  const authorization: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  const base: Record<string, string> = {
    'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream',
    ...authorization,
  }
  const params = { protocolVersion: revision, capabilities, clientInfo: { name: 'test', version: '1' } }
  const started = await post(server, JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }), base)
  const id = started.headers.get('Mcp-Session-Id')
  if (!id) throw new Error(`initialize returned ${started.status}: ${await started.text()}`)
  const { result } = await started.json<{ result: Record<string, unknown> }>()
  const headers: Record<string, string> = {
    ...base,
    'Mcp-Session-Id': id,
    ...(revision === '2025-03-26' ? {} : { 'MCP-Protocol-Version': revision }),
  }
  const object = env.MCP_SESSION.getByName(`${server.id}:${id}`)
  const path = new URL(server.urls.resource).pathname
  const session: LegacySession = {
    id,
    initialized: result,
    object,
    send: (message, extra = {}) => post(server, JSON.stringify(message), { ...headers, ...extra }),
    request: (requestId, method, requestParams) =>
      session.send({ jsonrpc: '2.0', id: requestId, method, ...(requestParams ? { params: requestParams } : {}) }),
    call: (requestId, name, args = {}, meta) =>
      session.request(requestId, 'tools/call', { name, arguments: args, ...(meta ? { _meta: meta } : {}) }),
    answer: (askId, answered) => session.send({ jsonrpc: '2.0', id: askId, result: answered }),
    notify: (method, notified) => session.send({ jsonrpc: '2.0', method, ...(notified ? { params: notified } : {}) }),
    get: (lastEventId) => {
      const { 'Content-Type': _, ...rest } = headers
      return fetchPlatform(path, {
        headers: { ...rest, Accept: 'text/event-stream', ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }) },
      })
    },
    end: () => {
      const { 'Content-Type': _, ...rest } = headers
      return fetchPlatform(path, { method: 'DELETE', headers: rest })
    },
    evict: () => evictDurableObject(object),
  }
  return session
}

export interface StreamEvent {
  id?: string
  message: Record<string, unknown> | undefined
}

/** Returns the first `count` events with a message, then cancels the stream. */
export async function take(response: Response, count: number): Promise<StreamEvent[]> {
  const events: StreamEvent[] = []
  for await (const event of eventsOf(response)) {
    if (event.message) events.push(event)
    if (events.length === count) break
  }
  return events
}

/** Returns all messages of a stream. */
export async function drain(response: Response): Promise<Record<string, unknown>[]> {
  const messages = []
  for await (const { message } of eventsOf(response)) if (message) messages.push(message)
  return messages
}
