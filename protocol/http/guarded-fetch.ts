import { BodyTooLarge } from './bounded-body.ts'
import { isLoopbackOrigin, type Addresses } from '../location.ts'

/**
 * Fetches URLs written by other people. Host names are checked as text. The network must refuse a
 * public name with a private address; Cloudflare's network does.
 */

/** Thrown when a URL is not fetched. The message is for the author of the URL. */
export class FetchRefused extends Error {}

export interface FetchRules {
  /** Hosts of this installation, which are refused. */
  addresses: Addresses
  /** Decides if a host is allowed. All public hosts are allowed if absent. */
  allows?: (hostname: string) => boolean
  /**
   * Loopback origins by https origin, as stand-ins on a developer's machine. Applied after every
   * check.
   */
  devOrigins: ReadonlyMap<string, string>
  /** The real fetch. */
  fetch: (request: Request) => Promise<Response>
  /** `follow` checks every hop, `manual` returns the redirect, `error` refuses the redirect. */
  redirect: 'follow' | 'manual' | 'error'
  /** Limits the whole fetch, including the body. */
  signal: AbortSignal
  maxResponseBytes: number
  /** Limit of the request body. If absent, a request must have no body. */
  maxRequestBytes?: number
}

const MAX_HOPS = 5
const MAX_URL = 2048

/** Headers with a secret for one origin. */
const CREDENTIAL_HEADERS = ['authorization', 'cookie', 'proxy-authorization']

/**
 * Parses `DEV_ORIGINS` (JSON). Returns an empty map unless the platform runs on loopback. The error
 * is for the operator.
 */
export function parseDevOrigins(setting: string, addresses: Addresses): ReadonlyMap<string, string> {
  if (setting === '' || !isLoopbackOrigin(addresses.origin)) return new Map()
  const problem = `DEV_ORIGINS must be JSON such as {"https://api.example.com":"http://127.0.0.1:9000"}, but is ${setting}`
  let parsed: unknown
  try {
    parsed = JSON.parse(setting)
  } catch (cause) {
    throw new Error(problem, { cause })
  }
  if (typeof parsed !== 'object' || parsed === null) throw new Error(problem)
  const origins = new Map<string, string>()
  for (const [from, to] of Object.entries(parsed)) {
    if (!isOrigin(from) || !from.startsWith('https:') || !isOrigin(to) || !isLoopbackOrigin(to)) throw new Error(problem)
    origins.set(from, to)
  }
  return origins
}

function isOrigin(text: unknown): text is string {
  return typeof text === 'string' && URL.canParse(text) && new URL(text).origin === text
}

/** Checks for https on the default port at a public name. Throws {@link FetchRefused}. */
function checkUrl(url: URL, { addresses, allows }: Pick<FetchRules, 'addresses' | 'allows'>): void {
  if (url.protocol !== 'https:') throw new FetchRefused(`${url.protocol}//${url.host} must be an https: URL`)
  if (url.href.length > MAX_URL) throw new FetchRefused(`the URL is longer than ${MAX_URL} characters`)
  if (url.username || url.password) throw new FetchRefused('the URL must not contain a user name or password')
  if (url.port !== '') throw new FetchRefused(`port ${url.port} is not allowed; use the default port of https`)
  if (!isPublicName(url.hostname)) throw new FetchRefused(`${url.hostname} is not a public host name`)
  if (isOwn(url.hostname, addresses)) throw new FetchRefused(`${url.hostname} is a host of this platform`)
  if (allows && !allows(url.hostname)) throw new FetchRefused(`${url.hostname} is not in the list of allowed hosts`)
}

/** Returns true if the pattern matches. `*.example.com` matches every name below `example.com`. */
export function matchesHost(pattern: string, hostname: string): boolean {
  return pattern.startsWith('*.') ? hostname.endsWith(pattern.slice(1)) : hostname === pattern
}

/**
 * Returns false for IP addresses in any spelling (the URL parser normalizes them), single labels
 * and names of private networks.
 */
export function isPublicName(hostname: string): boolean {
  if (hostname.startsWith('[') || /^[\d.]+$/.test(hostname)) return false
  const labels = hostname.split('.')
  // a trailing dot makes an empty label
  if (labels.length < 2 || labels.some((label) => !/^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/.test(label))) return false
  return !PRIVATE_NAMES.some((name) => hostname.endsWith(`.${name}`))
}

const PRIVATE_NAMES = [
  'localhost',
  'localdomain',
  'local',
  'internal',
  'intranet',
  'lan',
  'home',
  'corp',
  'private',
  'home.arpa',
  'in-addr.arpa',
  'ip6.arpa',
  'test',
  'invalid',
  'onion',
]

function isOwn(hostname: string, { origin, serverHost }: Addresses): boolean {
  const own = new URL(origin).hostname
  return (
    hostname === own ||
    hostname.endsWith(`.${own}`) ||
    (serverHost !== undefined && (hostname === serverHost || hostname.endsWith(`.${serverHost}`)))
  )
}

/**
 * Fetches within the rules. Every hop of a redirect is checked, and credentials are not sent to
 * another origin. The response body fails after `maxResponseBytes`. Throws {@link FetchRefused}.
 */
export async function guardedFetch(request: Request, rules: FetchRules): Promise<Response> {
  // a failed request body alone could look like a complete body to the receiver
  const tooMuch = new AbortController()
  const signal = AbortSignal.any([rules.signal, tooMuch.signal])
  let next = cappedRequest(request, rules.maxRequestBytes ?? 0, (error) => tooMuch.abort(error))
  for (let hop = 0; ; hop++) {
    const url = new URL(next.url)
    checkUrl(url, rules)
    // built from its parts, because a copy has the `cf` and `cache` options of an untrusted request
    const { method, headers, body } = next
    const hopRequest = new Request(mapped(url, rules.devOrigins), { method, headers, body, redirect: 'manual', signal })
    const response = await rules.fetch(hopRequest).catch((error: unknown) => {
      // prefer our own reason to the error of the runtime
      throw signal.aborted ? signal.reason : error
    })
    const location = REDIRECTS.has(response.status) ? response.headers.get('Location') : null
    if (location === null || rules.redirect === 'manual') return capped(response, rules.maxResponseBytes)
    void response.body?.cancel().catch(() => undefined)
    if (rules.redirect === 'error') throw new FetchRefused(`${url.hostname} sent a redirect, and redirects are not followed here`)
    if (hop === MAX_HOPS) throw new FetchRefused(`${new URL(request.url).hostname} redirects more than ${MAX_HOPS} times`)
    if (!URL.canParse(location, url)) throw new FetchRefused(`${url.hostname} redirects to an invalid URL`)
    next = follow(next, response.status, new URL(location, url))
  }
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Returns the next request of a redirect (Fetch standard §4.4). 303, and 301 or 302 after a POST,
 * become a GET without a body. A streamed body cannot be sent twice.
 */
function follow(request: Request, status: number, to: URL): Request {
  const toGet = (status === 303 && request.method !== 'HEAD') || (status < 303 && request.method === 'POST')
  if (!toGet && request.body)
    throw new FetchRefused(`${new URL(request.url).hostname} redirects with ${status}, but a request body cannot be sent twice`)
  const headers = new Headers(request.headers)
  if (toGet) for (const name of ['content-type', 'content-length', 'content-encoding', 'content-language']) headers.delete(name)
  if (to.origin !== new URL(request.url).origin) for (const name of CREDENTIAL_HEADERS) headers.delete(name)
  return new Request(to, { method: toGet ? 'GET' : request.method, headers })
}

function mapped(url: URL, devOrigins: ReadonlyMap<string, string>): URL {
  const stand = devOrigins.get(url.origin)
  return stand === undefined ? url : new URL(url.pathname + url.search, stand)
}

function capped(response: Response, maxBytes: number): Response {
  if (!response.body) return response
  if (Number(response.headers.get('Content-Length') ?? 0) > maxBytes) {
    void response.body.cancel().catch(() => undefined)
    throw new FetchRefused(new BodyTooLarge(maxBytes).message)
  }
  return new Response(response.body.pipeThrough(counter(maxBytes)), response)
}

/**
 * Limits a request body. A body with a Content-Length must have that length, because the runtime
 * also sends a longer stream.
 */
function cappedRequest(request: Request, maxBytes: number, exceeded: (error: BodyTooLarge) => void): Request {
  if (!request.body) return request
  const header = request.headers.get('Content-Length')
  const length = Number(header ?? 0)
  if (!Number.isSafeInteger(length) || length > maxBytes) throw new FetchRefused(new BodyTooLarge(maxBytes).message)
  const body = request.body.pipeThrough(header === null ? counter(maxBytes, exceeded) : new FixedLengthStream(length))
  return new Request(request, { method: request.method, body })
}

/** Passes bytes through, and fails after the limit. */
function counter(maxBytes: number, exceeded?: (error: BodyTooLarge) => void): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength
      if (bytes <= maxBytes) return controller.enqueue(chunk)
      const error = new BodyTooLarge(maxBytes)
      exceeded?.(error)
      controller.error(error)
    },
  })
}
