import { ErrorCode } from '../../protocol/mcp/errors.ts'
import { missingCapability, parseInputRequired } from '../../protocol/mcp/input-required.ts'
import type { JsonRpcError } from '../../protocol/mcp/json-rpc.ts'
import { isRecord } from '../../protocol/record.ts'
import { CACHEABLE_METHODS, INPUT_REQUIRED_METHODS } from '../../protocol/mcp/revisions/2026-07-28.ts'
import { SERVED_REVISIONS } from '../../protocol/mcp/revisions/served.ts'
import type { McpRequest } from '../sources/source.ts'
import type { CallRequest } from './call-request.ts'
import { visibleTools } from './policy.ts'
import { MetaKey } from '../../protocol/mcp/meta.ts'

/** The call a result belongs to. */
interface Presentation {
  request: McpRequest
  call: CallRequest
}

/**
 * Turns a source's result into the result a client gets. A question to the client
 * (`input_required`) becomes an error if the protocol does not allow the question for this request.
 */
export function present(
  result: Record<string, unknown>,
  presentation: Presentation,
): { result: Record<string, unknown> } | { error: JsonRpcError } {
  const refused = result['resultType'] === 'input_required' ? refusedQuestion(result, presentation.request) : undefined
  return refused ? { error: refused } : { result: complete(result, presentation) }
}

function refusedQuestion(result: Record<string, unknown>, { method, params }: McpRequest): JsonRpcError | undefined {
  const question = INPUT_REQUIRED_METHODS.has(method) ? parseInputRequired(result) : undefined
  if (!question) return { code: ErrorCode.internalError, message: 'The hosted server sent an invalid input request.' }
  const meta = params['_meta']
  return missingCapability(question, isRecord(meta) ? meta[MetaKey.clientCapabilities] : undefined)
}

/**
 * Adds the fields required by revision 2026-07-28 and leaves out tools that the principal may not
 * see.
 */
function complete(result: Record<string, unknown>, { request: { method }, call }: Presentation): Record<string, unknown> {
  const { server, principal, surface } = call
  const shown: Record<string, unknown> = { ...result, resultType: result['resultType'] ?? 'complete' }
  if (surface && !hasServerInfo(result['_meta']))
    shown['_meta'] = { ...(isRecord(result['_meta']) ? result['_meta'] : {}), [MetaKey.serverInfo]: surface.serverInfo }
  if (CACHEABLE_METHODS.has(method) && shown['resultType'] === 'complete') {
    shown['ttlMs'] = Number.isSafeInteger(result['ttlMs']) && Number(result['ttlMs']) >= 0 ? result['ttlMs'] : 0
    // results for a token must not be shared between tokens
    shown['cacheScope'] =
      result['cacheScope'] === 'public' && server.access === 'public' && principal.kind === 'anonymous' ? 'public' : 'private'
  }
  if (method === 'server/discover') shown['supportedVersions'] = SERVED_REVISIONS
  if (method === 'tools/list') shown['tools'] = visibleTools(result['tools'], principal)
  return shown
}

function hasServerInfo(meta: unknown): boolean {
  return isRecord(meta) && MetaKey.serverInfo in meta
}
