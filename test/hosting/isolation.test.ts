import { env, exports } from 'cloudflare:workers'
import { describe, expect, inject, it, vi } from 'vitest'
import { sourceOf } from '../../hosting/sources/registry.ts'
import { ANONYMOUS } from '../../protocol/principal.ts'
import { createServer, type TestServer } from '../support/platform.ts'

const ctx = { exports, waitUntil: (promise: Promise<unknown>) => void promise.catch(() => undefined) }

/** Returns the code of a server that answers each request with the return value of `body`. */
function evaluating(body: string, imports = ''): string {
  return `${imports}
const attempt = async (what) => { try { return await what() } catch (error) { return 'threw: ' + error.message } }
const get = (url, init) => attempt(async () => { const response = await fetch(url, init); const text = await response.text(); try { return { status: response.status, ...JSON.parse(text) } } catch { return { status: response.status, text } } })
export default { async fetch(request, env, ctx) {
  const run = async () => { ${body} }
  return Response.json({ jsonrpc: '2.0', id: 1, result: { value: await run() } })
} }`
}

async function run(server: TestServer, method = 'tools/call'): Promise<unknown> {
  const definition = await server.definition()
  const call = {
    server: definition,
    surface: undefined,
    principal: ANONYMOUS,
    signal: AbortSignal.timeout(15_000),
  }
  const answer = await sourceOf(definition.active!, { env, ctx }).answer(
    { id: 1, method, params: { name: 'x', _meta: {} }, paramHeaders: {} },
    call,
  )
  if (!('result' in answer)) throw new Error(JSON.stringify(answer))
  return answer.result['value']
}

async function evaluate(body: string, { egress = [] as string[], imports = '' } = {}): Promise<unknown> {
  return run(await createServer({ code: evaluating(body, imports), settings: { egress } }))
}

describe('egress of a hosted server', () => {
  it('reaches a listed host, and sends no header of the platform', async () => {
    const value = await evaluate(
      `return get('https://api.example.com/echo?q=1', { method: 'POST', body: 'hello', headers: { Authorization: 'Bearer its-own', 'CF-Connecting-IP': '1.2.3.4', 'X-Forwarded-For': '1.2.3.4' } })`,
      { egress: ['api.example.com'] },
    )
    expect(value).toMatchObject({
      status: 200,
      url: 'https://api.example.com/echo?q=1',
      method: 'POST',
      body: 'hello',
      headers: { authorization: 'Bearer its-own' },
    })
    const { headers } = value as { headers: Record<string, string> }
    expect(headers['x-forwarded-for']).toBeUndefined()
    expect(headers['cf-connecting-ip']).not.toBe('1.2.3.4')
  })

  it.each([
    ['cf options in fetch', `fetch(url, { cf: OPTIONS })`],
    ['cf options of a Request', `fetch(new Request(url, { cf: OPTIONS }))`],
    ['cf options of a copied Request', `fetch(new Request(new Request(url, { cf: OPTIONS, method: 'POST', body: 'x' })))`],
    [
      'cf options and a body without a length',
      `fetch(url, { cf: OPTIONS, method: 'POST', body: new Response('x').body.pipeThrough(new TransformStream()) })`,
    ],
    ['a cache mode', `fetch(url, { cache: 'no-store' })`],
    ['cf options and an own redirect', `fetch('https://api.example.com/redirect?to=/echo', { cf: OPTIONS })`],
  ])('sends no option of the platform for %s', async (_, request) => {
    const options = `{ cacheKey: 'theirs', cacheTtl: 60, cacheEverything: true, resolveOverride: 'other.example.com', image: { width: 1 } }`
    const value = await evaluate(
      `const url = 'https://api.example.com/echo'; const { cf } = await (await ${request.replaceAll('OPTIONS', options)}).json(); return cf ?? {}`,
      { egress: ['api.example.com'] },
    )
    for (const name of ['cacheKey', 'cacheTtl', 'cacheEverything', 'resolveOverride', 'image']) expect(value).not.toHaveProperty(name)
  })

  it('sends no header of the network, and keeps the length and the headers of the request', async () => {
    const network = {
      'CF-Worker': 'x',
      'CDN-Loop': 'cloudflare',
      Connection: 'keep-alive, X-Named',
      'X-Named': 'x',
      'Keep-Alive': 'timeout=5',
      'Proxy-Authorization': 'Basic eDp5',
      'Proxy-Connection': 'close',
      TE: 'trailers',
      Via: '1.1 x',
      Forwarded: 'for=1.2.3.4',
      'X-Forwarded-Host': 'evil.example',
      'X-Real-IP': '1.2.3.4',
      'True-Client-IP': '1.2.3.4',
    }
    const value = (await evaluate(
      `return get('https://api.example.com/echo', { method: 'PUT', body: 'hello', headers: ${JSON.stringify({ ...network, 'X-Own': 'kept', 'User-Agent': 'theirs' })} })`,
      { egress: ['api.example.com'] },
    )) as { headers: Record<string, string> }
    expect(value).toMatchObject({
      method: 'PUT',
      body: 'hello',
      headers: { 'x-own': 'kept', 'user-agent': 'theirs', 'content-length': '5' },
    })
    for (const [name, sent] of Object.entries(network)) expect([name, value.headers[name.toLowerCase()]]).not.toEqual([name, sent])
  })

  it('ends the request when a body is longer than its Content-Length', async () => {
    const lying = `attempt(async () => { let n = 0; const body = new ReadableStream({ pull(c) { if (n++ < 20) c.enqueue(new Uint8Array(1e6)); else c.close() } }); return (await fetch('https://api.example.com/count', { method: 'POST', body, headers: { 'Content-Length': '5' } })).text() })`
    const value = await evaluate(`return ${lying}`, { egress: ['api.example.com'] })
    expect(value).not.toMatch(/0000$/)
  })

  it('reaches every host below a wildcard, but not the bare name', async () => {
    const value = await evaluate(
      `return [await get('https://a.b.example.com/echo'), await get('https://example.com/echo'), await get('https://evilexample.com/echo')]`,
      { egress: ['*.example.com'] },
    )
    expect(value).toMatchObject([{ status: 200 }, { status: 403 }, { status: 403 }])
  })

  it.each([
    ['a host that is not on the list', 'https://other.example.com/echo', /not in the list of allowed hosts/],
    ['plain http', 'http://api.example.com/echo', /must be an https: URL/],
    ['a port other than 443', 'https://api.example.com:8443/echo', /port 8443/],
    ['an IPv4 address', 'https://127.0.0.1/', /not a public host/],
    ['a decimal IPv4 address', 'https://2130706433/', /not a public host/],
    ['a hexadecimal IPv4 address', 'https://0x7f000001/', /not a public host/],
    ['an octal IPv4 address', 'https://0177.0.0.1/', /not a public host/],
    ['an IPv6 address', 'https://[::1]/', /not a public host/],
    ['an IPv4-mapped IPv6 address', 'https://[::ffff:169.254.169.254]/', /not a public host/],
    ['the cloud metadata address', 'https://169.254.169.254/latest', /not a public host/],
    ['localhost', 'https://localhost/', /not a public host/],
    ['a host under .localhost', 'https://a.localhost/', /not a public host/],
    ['a host with a trailing dot', 'https://api.example.com./echo', /not a public host/],
    ['a host under .internal', 'https://db.internal/', /not a public host/],
    ['a host of a single label', 'https://intranet/', /not a public host/],
    ['the URL of the platform', 'http://localhost:8787/healthz', /must be an https: URL/],
  ])('refuses %s', async (_, url, reason) => {
    const value = await evaluate(`return get(${JSON.stringify(url)})`, {
      egress: ['api.example.com', '*', '*.localhost', 'localhost', '127.0.0.1', '*.internal'],
    })
    expect(value).toMatchObject({ status: 403, text: expect.stringMatching(reason) })
  })

  it('refuses every host by default, and logs the refusal for the tenant', async () => {
    const server = await createServer({ code: evaluating(`return get('https://api.example.com/echo')`) })
    expect(await run(server)).toMatchObject({ status: 403 })
    await vi.waitFor(
      async () => {
        const lines = await env.SERVER_ACTIVITY.getByName(server.id).recent({ kind: 'line' })
        expect(lines).toContainEqual(
          expect.objectContaining({ origin: 'platform', level: 'warn', message: expect.stringMatching(/refused: api\.example\.com/) }),
        )
      },
      { timeout: 5_000 },
    )
  })

  it('follows a redirect to a listed host only', async () => {
    const to = (url: string) => `https://api.example.com/redirect?to=${encodeURIComponent(url)}`
    const value = await evaluate(
      `return [await get(${JSON.stringify(to('https://api.example.com/echo'))}), await get(${JSON.stringify(to('https://other.example.org/echo'))}), await get(${JSON.stringify(to('http://127.0.0.1:8787/'))}), await get(${JSON.stringify(to('https://169.254.169.254/'))})]`,
      { egress: ['api.example.com'] },
    )
    expect(value).toMatchObject([{ status: 200, url: 'https://api.example.com/echo' }, { status: 403 }, { status: 403 }, { status: 403 }])
  })

  it('drops credentials when a redirect leaves the origin', async () => {
    const headers = { Authorization: 'Bearer secret', 'X-Other': 'kept' }
    const value = await evaluate(
      `const headers = ${JSON.stringify(headers)}; return [await get('https://api.example.com/redirect?to=https://two.example.com/echo', { headers }), await get('https://api.example.com/redirect?to=/echo', { headers })]`,
      { egress: ['*.example.com'] },
    )
    expect(value).toMatchObject([
      { url: 'https://two.example.com/echo', headers: { 'x-other': 'kept' } },
      { headers: { authorization: 'Bearer secret' } },
    ])
    const [crossed] = value as { headers: Record<string, string> }[]
    expect(crossed?.headers).not.toHaveProperty('authorization')
  })

  it('returns the redirect itself when the redirect mode is manual', async () => {
    const value = await evaluate(
      `const response = await fetch('https://api.example.com/redirect?to=https://two.example.com/echo', { redirect: 'manual' }); return [response.status, response.headers.get('Location')]`,
      { egress: ['api.example.com'] },
    )
    expect(value).toEqual([302, 'https://two.example.com/echo'])
  })

  it('fails when a response exceeds 16 MiB', async () => {
    const value = await evaluate(
      `return [await get('https://api.example.com/big?bytes=1000').then((r) => r.text.length), await attempt(async () => (await (await fetch('https://api.example.com/big?bytes=17000000')).text()).length)]`,
      { egress: ['api.example.com'] },
    )
    expect(value).toEqual([1000, expect.not.stringMatching(/^17000000$/)])
    expect((value as unknown[])[1]).not.toBe(17_000_000)
  })

  it('counts the bytes of a compressed response after decompression', async () => {
    const length = (bytes: number) =>
      `attempt(async () => (await (await fetch('https://api.example.com/big?bytes=${bytes}&gzip=1')).text()).length)`
    expect(await evaluate(`return ${length(100_000)}`, { egress: ['api.example.com'] })).toBe(100_000)
    expect(await evaluate(`return ${length(17_000_000)}`, { egress: ['api.example.com'] })).not.toBe(17_000_000)
  })

  it('refuses a request body larger than 16 MiB, with or without a Content-Length', async () => {
    const send = (bytes: number) =>
      `attempt(async () => (await fetch('https://api.example.com/count', { method: 'POST', body: 'x'.repeat(${bytes}) })).text())`
    const stream = (chunks: number) =>
      `attempt(async () => { let n = 0; const body = new ReadableStream({ pull(c) { if (n++ < ${chunks}) c.enqueue(new Uint8Array(1e6)); else c.close() } }); return (await fetch('https://api.example.com/count', { method: 'POST', body })).text() })`
    const value = await evaluate(`return [await ${send(1_000)}, await ${send(17_000_000)}, await ${stream(3)}, await ${stream(20)}]`, {
      egress: ['api.example.com'],
    })
    expect(value).toEqual(['1000', expect.stringMatching(/larger than 16777216/), '3000000', expect.stringMatching(/larger than 16777216/)])
  })

  it('returns an HTTP status when the connection to a host fails', async () => {
    expect(await evaluate(`return get('https://api.example.com/refuse')`, { egress: ['api.example.com'] })).toMatchObject({
      status: expect.any(Number),
    })
  })

  it.each([
    [
      'a TCP socket',
      `const socket = connect('127.0.0.1:PORT'); const { done, value } = await socket.readable.getReader().read(); if (done) throw new Error('closed'); return new TextDecoder().decode(value)`,
      `import { connect } from 'cloudflare:sockets'`,
    ],
    [
      'a node:net socket',
      `return await new Promise((resolve, reject) => { const s = net.connect(PORT, '127.0.0.1'); s.on('data', (data) => resolve(String(data))); s.on('error', reject); s.on('close', () => reject(new Error('closed'))) })`,
      `import net from 'node:net'`,
    ],
    [
      'a WebSocket',
      `return await new Promise((resolve, reject) => { const s = new WebSocket('wss://api.example.com/echo'); s.addEventListener('open', () => resolve('opened')); s.addEventListener('error', () => reject(new Error('error'))); s.addEventListener('close', () => reject(new Error('closed'))) })`,
      '',
    ],
  ])('allows no connection through %s', async (_, body, imports) => {
    const code = body.replace('PORT', String(inject('greeterPort')))
    expect(await evaluate(`return attempt(async () => { ${code} })`, { egress: ['api.example.com', '127.0.0.1'], imports })).toMatch(
      /^threw: /,
    )
  })

  it('applies the list of hosts to node:https as well', async () => {
    const body = `const ask = (url) => attempt(() => new Promise((resolve, reject) => { https.get(url, (r) => { r.resume(); resolve(r.statusCode) }).on('error', reject) }))
return [await ask('https://api.example.com/echo'), await ask('https://other.example.com/echo')]`
    expect(await evaluate(body, { egress: ['api.example.com'], imports: `import https from 'node:https'` })).toEqual([200, 403])
  })
})

describe('isolate of a hosted server', () => {
  it('has its own environment only, without secrets or bindings of the platform', async () => {
    const body = `const fs = await attempt(() => readdirSync('/')); return { env: Object.keys(env), imported: Object.keys(imported), process: Object.keys(process.env), exports: Object.keys(ctx.exports ?? {}), fs }`
    const value = await evaluate(body, {
      imports: `import { env as imported } from 'cloudflare:workers'; import { readdirSync } from 'node:fs'`,
    })
    expect(value).toEqual({ env: ['EVENTS'], imported: ['EVENTS'], process: [], exports: expect.any(Array), fs: expect.anything() })
    expect(JSON.stringify(value)).not.toMatch(/AUTH_SECRET|VAULT_KEY|SESSION_KEY|"DB"|LOADER|wharf/i)
    expect(
      (value as { exports: string[] }).exports.filter((name) => /Egress|Tail|Events|McpSession|SubscriptionHub|ServerActivity/.test(name)),
    ).toEqual([])
  })

  it('refuses eval, new Function and imports from URLs', async () => {
    const body = `return [await attempt(() => eval('1')), await attempt(() => new Function('return 1')()), await attempt(() => import('https://api.example.com/echo')), await attempt(() => import('data:text/javascript,export default 1'))]`
    for (const outcome of (await evaluate(body, { egress: ['api.example.com'] })) as string[]) expect(outcome).toMatch(/^threw: /)
  })

  it('shares no cache with another hosted server', async () => {
    const write = `return attempt(async () => { await caches.default.put('https://shared.example.com/x', new Response('secret', { headers: { 'Cache-Control': 'max-age=600' } })); return 'put' })`
    const read = `return attempt(async () => { const hit = await caches.default.match('https://shared.example.com/x'); return hit ? await hit.text() : 'miss' })`
    await evaluate(write)
    expect(await evaluate(read)).not.toBe('secret')
  })

  it('can subscribe to its own events, and fails to publish malformed ones', async () => {
    const body = `return [await attempt(() => env.EVENTS.publish({ kind: 'nonsense' })), await attempt(() => env.EVENTS.publish(null)), typeof (await env.EVENTS.subscribe(() => {}))]`
    expect(await evaluate(body)).toEqual([
      expect.stringMatching(/^threw: .*requires/),
      expect.stringMatching(/^threw: .*requires/),
      'function',
    ])
  })
})
