import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Forwards requests of the suite with the access token, because the suite cannot send a header.
 * Replaces the address of the proxy in Host and Origin by the platform. Any other value passes
 * unchanged, because the platform decides whether to refuse the value.
 */
export async function startProxy(origin: string, token: string): Promise<{ origin: string; stop: () => void }> {
  const target = new URL(origin)
  const server = createServer((incoming, outgoing) => {
    const own = `localhost:${(server.address() as AddressInfo).port}`
    const headers = { ...incoming.headers, authorization: `Bearer ${token}` }
    if (headers.host === own) headers.host = target.host
    if (headers.origin === `http://${own}`) headers.origin = origin
    const forwarded = request(
      { host: target.hostname, port: target.port, method: incoming.method, path: incoming.url, headers, setHost: false },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
        answer.once('error', () => outgoing.destroy())
      },
    )
    forwarded.once('error', () => outgoing.destroy())
    // the platform must see that the suite disconnected
    outgoing.once('close', () => forwarded.destroy())
    incoming.pipe(forwarded)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://localhost:${port}`,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
