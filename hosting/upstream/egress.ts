import { WorkerEntrypoint } from 'cloudflare:workers'
import { BodyTooLarge } from '../../protocol/http/bounded-body.ts'
import { FetchRefused, guardedFetch, matchesHost, parseDevOrigins } from '../../protocol/http/guarded-fetch.ts'
import { parseAddresses } from '../../protocol/location.ts'
import { recordLines } from '../activity/record.ts'

export interface EgressProps {
  serverId: string
  tenantId: string
  /** Allowed hosts, such as `api.example.com` or `*.example.com`. */
  hosts: string[]
}

const DEADLINE_MS = 30_000
const MAX_BYTES = 16 * 1024 * 1024
/**
 * Headers that the network writes: of proxies, of the connection (RFC 9110 §7.6.1), and the host,
 * which belongs to the URL. Removed from outgoing requests.
 */
const NETWORK_HEADERS =
  /^(?:cf-.*|cdn-loop|connection|expect|forwarded|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|true-client-ip|upgrade|via|x-forwarded-.*|x-real-ip)$/

/**
 * Sends every outgoing request of a hosted server's code. A refusal is a 403 with the reason, and a
 * line in the tenant's log.
 */
export class Egress extends WorkerEntrypoint<Env, EgressProps> {
  override async fetch(request: Request): Promise<Response> {
    const { hosts } = this.ctx.props
    const addresses = parseAddresses(this.env.PUBLIC_ORIGIN, this.env.SERVER_HOST)
    try {
      if (request.headers.has('Upgrade')) throw new FetchRefused('WebSockets are not available here')
      return await guardedFetch(outgoing(request), {
        addresses,
        allows: (hostname) => hosts.some((pattern) => matchesHost(pattern, hostname)),
        devOrigins: parseDevOrigins(this.env.DEV_ORIGINS, addresses),
        fetch: (hop) => fetch(hop),
        redirect: 'manual', // the runtime of the code follows redirects, hop by hop
        signal: AbortSignal.any([request.signal, AbortSignal.timeout(DEADLINE_MS)]),
        maxRequestBytes: MAX_BYTES,
        maxResponseBytes: MAX_BYTES,
      })
    } catch (error) {
      if (error instanceof FetchRefused || error instanceof BodyTooLarge) return this.#refuse(403, error.message)
      if (error instanceof DOMException && error.name === 'TimeoutError')
        return this.#refuse(504, `${request.url} took longer than ${DEADLINE_MS / 1000} s`)
      return this.#refuse(502, `${new URL(request.url).host} could not be reached`)
    }
  }

  /** Refuses raw sockets, because a socket has no host name to check. */
  override connect(): void {
    const sentence = 'a raw TCP connection was refused: a hosted server can only send https requests'
    this.#log(sentence)
    throw new Error(sentence)
  }

  #refuse(status: number, sentence: string): Response {
    this.#log(`outbound request refused: ${sentence}`)
    return new Response(`${sentence}\n`, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' } })
  }

  #log(message: string): void {
    const { serverId, tenantId } = this.ctx.props
    recordLines({ id: serverId, tenantId }, [{ at: Date.now(), level: 'warn', origin: 'platform', message }], this.env, this.ctx)
  }
}

/**
 * Builds the request from method, URL, headers and body alone. A copy would pass on the tenant's
 * `cf` options, which tell Cloudflare to connect to a different host or to share a cache entry.
 */
function outgoing({ url, method, headers, body }: Request): Request {
  const named = new Set((headers.get('Connection') ?? '').split(',').map((name) => name.trim().toLowerCase()))
  const sent = [...headers].filter(([name]) => !NETWORK_HEADERS.test(name) && !named.has(name))
  return new Request(url, { method, headers: sent, body, redirect: 'manual' })
}
