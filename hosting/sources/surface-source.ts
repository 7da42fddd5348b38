import { capabilityOf } from '../../protocol/mcp/capabilities.ts'
import { ErrorCode, methodNotFound } from '../../protocol/mcp/errors.ts'
import { MODERN } from '../../protocol/mcp/revisions/2026-07-28.ts'
import type { Finding, Surface } from '../../protocol/versions/surface.ts'
import type { HostedServer } from '../../store/servers/servers.ts'
import type { Answer, Call, McpRequest, Source } from './source.ts'

/**
 * Time for which a client may cache the surface. An activated version takes effect in every isolate
 * within this time.
 */
const TTL_MS = 10_000

/**
 * Cache fields of lists and resources. The platform changes `public` to `private` if a token is
 * needed.
 */
export const CACHE_HINTS = { ttlMs: TTL_MS, cacheScope: 'public' } as const

/**
 * Field of the surface by list method. Lists have one page, because the size of a surface is
 * limited.
 */
const LISTS = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
} as const

/**
 * Base of declarative sources. Answers `server/discover` and the lists from the stored surface of
 * the version. The subclass answers all other methods.
 */
export abstract class SurfaceSource implements Source {
  /** Returns the surface, and the findings about the data of the version. */
  abstract declareSurface(server: HostedServer): Promise<{ surface: Surface; findings: Finding[] }>

  /**
   * Answers a method other than `server/discover` and the lists. Called only if the surface
   * declares the capability.
   */
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

function discoverResult({ capabilities, instructions }: Surface): Record<string, unknown> {
  return {
    resultType: 'complete',
    supportedVersions: [MODERN],
    capabilities,
    ...(instructions === undefined ? {} : { instructions }),
    ...CACHE_HINTS,
  }
}
