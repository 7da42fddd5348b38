/** The stateless revision. Every hosted server is written for 2026-07-28. */
export const MODERN = '2026-07-28'

/** Methods with `ttlMs` and `cacheScope` in the result (2026-07-28, caching). */
export const CACHEABLE_METHODS: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
])

/** Limit of the values in a completion, at every revision. */
export const MAX_COMPLETIONS = 100

/** Methods with `input_required` as a possible result. */
export const INPUT_REQUIRED_METHODS: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read'])

/** Methods of a stateless server. Methods of extensions are not supported. */
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

/**
 * Params with the target of a method. The `Mcp-Name` header repeats the target (standard headers).
 */
const TARGETS: Record<string, string> = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' }

/** Returns the name or URI of the target, or undefined if the method has no `Mcp-Name`. */
export function targetOf(method: string, params: Record<string, unknown>): string | undefined {
  const target = params[TARGETS[method] ?? '']
  return typeof target === 'string' ? target : undefined
}
