import { expectDocumented } from './documented.ts'
import { fetchPlatform, freshSlug, ORIGIN } from './platform.ts'

export interface ApiAnswer {
  status: number
  headers: Headers
  // tests check the shape of a body by comparison
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any
}

/** A signed-up user with a browser session for the management API. */
export interface Person {
  email: string
  cookie: string
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer>
}

export async function person(): Promise<Person> {
  const email = `${freshSlug('person')}@example.com`
  const signedUp = await fetchPlatform('/auth/sign-up', {
    method: 'POST',
    body: new URLSearchParams({ name: 'Ada', email, password: 'correct horse battery' }),
    headers: { Origin: ORIGIN, 'CF-Connecting-IP': freshSlug('ip') },
  })
  const cookie = signedUp.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  return {
    email,
    cookie,
    async call(method, path, body, headers = {}) {
      const response = await fetchPlatform(`/api${path}`, {
        method,
        headers: { Cookie: cookie, Origin: ORIGIN, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      const answer = { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
      expectDocumented({ method, path: `/api${path}` }, answer)
      return answer
    },
  }
}

/** Creates a tenant of the owner and returns its slug. */
export async function tenantOf(owner: Person): Promise<string> {
  const slug = freshSlug('t')
  const { status } = await owner.call('POST', '/tenants', { slug, name: 'Acme' })
  if (status !== 201) throw new Error(`creating the tenant returned ${status}`)
  return slug
}

/** Returns the body of an upload with one tool, `hello`, which returns `greeting`. */
export function upload(greeting = 'hello') {
  const code = `export default { async fetch(request) {
  const { id, method } = await request.json()
  const ok = (result) => Response.json({ jsonrpc: '2.0', id, result: { resultType: 'complete', ttlMs: 0, cacheScope: 'private', ...result } })
  if (method === 'server/discover') return ok({ supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'hello', version: '1' } } })
  if (method === 'tools/list') return ok({ tools: [{ name: 'hello', description: 'Says hello', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }] })
  return ok({ content: [{ type: 'text', text: ${JSON.stringify(greeting)} }] })
} }`
  return { manifest: { source: 'code', mainModule: 'index.js' }, modules: { 'index.js': code }, activate: true }
}
