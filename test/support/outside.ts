/**
 * Answers outgoing requests of the platform in Node, so that tests never use the network. Forwards
 * requests for 127.0.0.1 to the servers of loopback-hosts.ts.
 *
 * | path | response |
 * | --- | --- |
 * | `/echo` | URL, method, headers, `cf` options and body of the request |
 * | `/count` | number of bytes in the body |
 * | `/redirect?status=302&to=…` | redirect |
 * | `/big?bytes=…[&gzip]` | body of that size |
 * | `/slow?ms=…` | delayed response |
 * | `/refuse` | connection error |
 */
export async function outside(request: Request): Promise<Response> {
  const url = new URL(request.url)
  const { searchParams } = url
  if (url.hostname === '127.0.0.1') return reach(request)
  switch (url.pathname) {
    case '/v1/forecast': // response of api.open-meteo.com
      return Response.json({
        daily: {
          time: ['2026-07-01', '2026-07-02'],
          temperature_2m_min: [11, 12],
          temperature_2m_max: [21, 22],
          precipitation_sum: [0.5, 0],
        },
      })
    case '/echo':
      return Response.json({
        url: url.href,
        method: request.method,
        headers: Object.fromEntries(request.headers),
        cf: (request as Request & { cf?: unknown }).cf,
        body: await request.text(),
      })
    case '/redirect':
      return new Response(null, {
        status: Number(searchParams.get('status') ?? 302),
        headers: { Location: searchParams.get('to') ?? '/echo' },
      })
    case '/big':
      return big(Number(searchParams.get('bytes')), searchParams.has('gzip'))
    case '/count':
      return new Response(String((await request.arrayBuffer()).byteLength))
    case '/slow':
      await new Promise((resolve) => setTimeout(resolve, Number(searchParams.get('ms'))))
      return new Response('slow')
    case '/refuse':
      throw new Error('connection refused')
    default:
      return new Response('nothing here', { status: 404 })
  }
}

function big(bytes: number, gzip: boolean): Response {
  const text = 'x'.repeat(bytes)
  // miniflare compresses a body with Content-Encoding gzip
  return new Response(text, gzip ? { headers: { 'Content-Encoding': 'gzip' } } : {})
}

async function reach({ url, method, headers, body, signal }: Request): Promise<Response> {
  const sent = [...headers].filter(([name]) => !HOP_BY_HOP.has(name))
  return fetch(url, { method, headers: sent, redirect: 'manual', signal, ...(body ? { body, duplex: 'half' } : {}) } as RequestInit)
}

const HOP_BY_HOP = new Set(['connection', 'host', 'transfer-encoding', 'content-length', 'expect'])
