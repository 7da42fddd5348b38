import { ErrorCode } from '../../protocol/mcp/errors.ts'
import type { JsonRpcError } from '../../protocol/mcp/json-rpc.ts'
import { MODERN } from '../../protocol/mcp/revisions/2026-07-28.ts'
import type { Finding, Surface } from '../../protocol/versions/surface.ts'
import type { HostedServer } from '../../store/servers/servers.ts'
import type { Answer, Call, McpRequest, Source } from './source.ts'

/**
 * Time for which a client may cache the surface. As long as other isolates may take to serve a newly
 * activated version; subscribed clients are notified at once.
 */
const TTL_MS = 10_000

/** Adds the cache fields that lists and resources must have. The platform makes `public` private where a token is required. */
export const CACHE_HINTS = { ttlMs: TTL_MS, cacheScope: 'public' } as const

/** Lists by method. A list is never split into pages, because the size of a surface is limited. */
const LISTS = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
} as const

/**
 * Base of sources that know their surface without running anything. Answers `server/discover` and the
 * lists from the version's stored surface; the subclass answers all other methods.
 */
export abstract class SurfaceSource implements Source {
  /** Returns the surface and everything wrong with the data behind it. */
  abstract declareSurface(server: HostedServer): Promise<{ surface: Surface; findings: Finding[] }>

  /** Answers a method that is neither `server/discover` nor a list. The capability of the method is declared. */
  protected abstract run(request: McpRequest, call: Call): Promise<Answer>

  async answer(request: McpRequest, call: Call): Promise<Answer> {
    const { surface } = call
    const { method, params } = request
    if (!surface)
      return { error: { code: ErrorCode.internalError, message: 'The version has no stored surface. Deploy the version again.' } }
    if (method === 'server/discover') return { result: discoverResult(surface) }
    if (!surface.capabilities[capabilityOf(method)]) return { error: methodNotFound(method) }
    if (!Object.hasOwn(LISTS, method)) return this.run(request, call)
    if (params['cursor'] !== undefined) {
      return { error: { code: ErrorCode.invalidParams, message: 'cursor is unknown. Request the list without a cursor.' } }
    }
    const field = LISTS[method as keyof typeof LISTS]
    return { result: { resultType: 'complete', [field]: surface[field], ...CACHE_HINTS } }
  }
}

export function methodNotFound(method: string): JsonRpcError {
  return { code: ErrorCode.methodNotFound, message: `Method not found: ${method.slice(0, 100)}` }
}

function discoverResult({ capabilities, instructions }: Surface): Record<string, unknown> {
  return {
    resultType: 'complete',
    supportedVersions: [MODERN],
    capabilities,
    ...(instructions === undefined ? {} : { instructions }),
    ...CACHE_HINTS,
  }
}

function capabilityOf(method: string): string {
  return method === 'completion/complete' ? 'completions' : method.slice(0, method.indexOf('/'))
}
