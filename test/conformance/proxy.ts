import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * The suite cannot send a header, so it talks to this instead: what it sends is forwarded with the access token, byte for byte and as it comes. The
 * proxy's own address in Host and Origin becomes the platform's; any other value passes as it is, so that whether to refuse it stays the platform's decision.
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
    outgoing.once('close', () => forwarded.destroy()) // the suite's hanging up is the platform's to notice
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
