import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Respond } from './loopback-hosts.ts'

/**
 * Serves Client ID Metadata Documents and key sets. The first path segment selects the response.
 * The remaining path is unique per test, so tests share no document, cache entry or count.
 *
 * | path | response to GET |
 * | --- | --- |
 * | `/put/…` | body and headers of the last PUT (`?headers={json}&status={code}`), else 404 |
 * | `/client/…` | valid document; its `client_id` is this URL |
 * | `/cached/{directives}/…` | valid document with `Cache-Control: {directives}` |
 * | `/status/{code}/…` | valid document with status `{code}` |
 * | `/redirect/{code}/…` | redirect with status `{code}` to `/client/…` |
 * | `/other-id/…` | document with another URL of this host as `client_id` |
 * | `/type/{type}/…` | valid document with content type `{type}` (URL-encoded) |
 * | `/broken/…` | truncated JSON |
 * | `/nested/…` | key set nested 20,000 deep |
 * | `/twice/…` | key set with a repeated member |
 * | `/stall/…` | no response |
 * | `/stall-body/…` | headers without a body |
 * | `/drip/…` | valid document at one byte a second |
 * | `/large/{bytes}/…` | valid document with `{bytes}` of padding and Content-Length |
 * | `/endless/…` | JSON without end and without Content-Length |
 * | `/bomb/…` | 10 MB of padding in a few KB of gzip |
 * | `/short-length/…` | Content-Length below the size of the body |
 * | `/long-length/…` | Content-Length above the size of the body, then a closed connection |
 * | `/requests/…` | number of requests for the remaining path |
 * | `/hung-up/…` | `true` after a client aborted a request for the remaining path |
 */
export function documentHost(origin: string): Respond {
  const kept = new Map<string, { body: string; headers: Record<string, string>; status: number }>()
  const requests = new Map<string, number>()
  const hangUps = new Map<string, PromiseWithResolvers<void>>()
  const hangUp = (path: string) => hangUps.get(path) ?? hangUps.set(path, Promise.withResolvers()).get(path)

  return async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', origin)
    const [, kind = '', ...rest] = pathname.split('/')
    if (kind === 'requests') return json(response, requests.get(`/${rest.join('/')}`) ?? 0)
    if (request.method === 'PUT') {
      const headers = JSON.parse(searchParams.get('headers') ?? '{}') as Record<string, string>
      kept.set(pathname, { body: await read(request), headers, status: Number(searchParams.get('status') ?? 200) })
      response.writeHead(204).end()
      return
    }
    if (kind === 'hung-up') {
      await hangUp(`/${rest.join('/')}`)?.promise
      return json(response, true)
    }
    response.once('close', () => {
      if (!response.writableFinished) hangUp(pathname)?.resolve()
    })
    requests.set(pathname, (requests.get(pathname) ?? 0) + 1)
    const published = kept.get(pathname)
    if (published) {
      response.statusCode = published.status
      return send(response, published.body, published.headers)
    }
    const answer = ANSWERS[kind]
    if (!answer) return json(response, { error: 'no response is stored for this path' }, 404)
    await answer(response, documentAt(`${origin}${pathname}`), rest, origin)
  }
}

type Answer = (response: ServerResponse, document: Record<string, unknown>, rest: string[], origin: string) => void | Promise<void>

const TEN_MEGABYTES = 10 * 1024 * 1024

const ANSWERS: Record<string, Answer> = {
  client: (response, document) => json(response, document),
  cached: (response, document, [directives = '']) =>
    send(response, JSON.stringify(document), { 'Cache-Control': decodeURIComponent(directives) }),
  status: (response, document, [code]) => json(response, document, Number(code)),
  redirect: (response, _, [code, ...path], origin) => {
    response.writeHead(Number(code), { Location: `${origin}/client/${path.join('/')}` }).end()
  },
  'other-id': (response, document, _, origin) => json(response, { ...document, client_id: `${origin}/client/somebody-else.json` }),
  type: (response, document, [type = '']) => send(response, JSON.stringify(document), { 'Content-Type': decodeURIComponent(type) }),
  broken: (response, document) => send(response, JSON.stringify(document).slice(0, 40)),
  nested: (response) => send(response, `{"keys":[{"kty":"EC","x":${'['.repeat(20_000)}${']'.repeat(20_000)}}]}`),
  twice: (response) => send(response, '{"keys":[{"kty":"EC"}],"keys":[{"kty":"RSA"}]}'),
  stall: () => undefined,
  'stall-body': (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders()
  },
  drip: async (response, document) => {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    for (const character of JSON.stringify(document)) {
      if (response.destroyed) return
      response.write(character)
      await sleep(1000, undefined, { ref: false })
    }
    response.end()
  },
  large: (response, document, [bytes]) => json(response, padded(document, Number(bytes))),
  endless: async (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    while (!response.destroyed) {
      response.write(' '.repeat(1024))
      await sleep(1, undefined, { ref: false })
    }
  },
  bomb: (response, document) => {
    const body = gzipSync(JSON.stringify(padded(document, TEN_MEGABYTES)))
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip', 'Content-Length': body.length }).end(body)
  },
  // written to the socket with a false Content-Length
  'short-length': (response, document) => lie(response, 100, JSON.stringify(padded(document, TEN_MEGABYTES))),
  'long-length': (response, document) => lie(response, 4000, JSON.stringify(document)),
}

function documentAt(url: string): Record<string, unknown> {
  return {
    client_id: url,
    client_name: 'Documented App',
    client_uri: 'https://app.example/',
    redirect_uris: ['https://app.example/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
}

function padded(document: Record<string, unknown>, bytes: number): Record<string, unknown> {
  return { ...document, padding: 'x'.repeat(bytes) }
}

function lie(response: ServerResponse, length: number, body: string): void {
  const { socket } = response
  socket?.write(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`)
  socket?.end(body)
}

export function json(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
}

function send(response: ServerResponse, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(response.statusCode, { 'Content-Type': 'application/json', ...headers }).end(body)
}

export async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
