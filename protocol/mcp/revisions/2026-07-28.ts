/** The stateless revision, which every hosted server is written for. */
export const MODERN = '2026-07-28'

/** Methods whose results a client may keep, so that they carry `ttlMs` and `cacheScope` (2026-07-28, caching). */
export const CACHEABLE_METHODS: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
])

/** Methods that may be answered with `input_required`. */
export const INPUT_REQUIRED_METHODS: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read'])

/** Everything a client may ask a stateless server; what an extension adds is not served. */
export const MODERN_METHODS: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'tools/call',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'completion/complete',
  'subscriptions/listen',
])

/** Params that hold the target of a method, which the `Mcp-Name` header repeats (standard headers). */
const TARGETS: Record<string, string> = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' }

/** Returns the name or URI that a request is for, or undefined if its method has no `Mcp-Name`. */
export function targetOf(method: string, params: Record<string, unknown>): string | undefined {
  const target = params[TARGETS[method] ?? '']
  return typeof target === 'string' ? target : undefined
}
