import { missingCapability, parseInputRequired } from '../../protocol/mcp/input-required.ts'
import { servedCapabilities } from '../../protocol/mcp/extensions.ts'
import type { JsonRpcError } from '../../protocol/mcp/json-rpc.ts'
import { isRecord } from '../../protocol/record.ts'
import { CACHEABLE_METHODS, MAX_COMPLETIONS, INPUT_REQUIRED_METHODS } from '../../protocol/mcp/revisions/2026-07-28.ts'
import { SERVED_REVISIONS } from '../../protocol/mcp/revisions/served.ts'
import type { McpRequest } from '../sources/source.ts'
import type { CallRequest } from './call-request.ts'
import { visibleTools } from './policy.ts'
import { MetaKey } from '../../protocol/mcp/meta.ts'

/** Reason why a result of a hosted server is no valid result. */
export interface ResultFault {
  /** Clause for the tenant's log. */
  detail: string
  /** Sentence for the client. */
  shown: string
}

/** The call a result belongs to. */
export interface Presentation {
  request: McpRequest
  call: CallRequest
  /** Writes the fault to the tenant's log. Returns the error for the client. */
  fault(reason: ResultFault): JsonRpcError
}

/**
 * Turns a source's result into the result a client gets. A question to the client
 * (`input_required`) becomes an error if the protocol does not allow the question for this request.
 * A result of another type, such as a task, becomes an error too.
 */
export function present(
  result: Record<string, unknown>,
  presentation: Presentation,
): { result: Record<string, unknown> } | { error: JsonRpcError } {
  const refused = refusedType(result, presentation) ?? refusedQuestion(result, presentation)
  return refused ? { error: refused } : { result: complete(result, presentation) }
}

/** No client can poll a task, because the platform does not serve the tasks extension. */
function refusedType(result: Record<string, unknown>, { fault }: Presentation): JsonRpcError | undefined {
  const resultType = result['resultType'] ?? 'complete'
  const isTask = resultType === 'task' || (resultType === 'complete' && isRecord(result['task']) && result['content'] === undefined)
  if (isTask) {
    return fault({
      detail: 'the result is a task, but the platform does not serve the tasks extension. Return the result of the tool instead',
      shown: 'The hosted server answered with a task, which is not supported here.',
    })
  }
  if (resultType === 'complete' || resultType === 'input_required') return undefined
  return fault({
    detail: `resultType must be "complete" or "input_required", but is ${JSON.stringify(resultType).slice(0, 100)}`,
    shown: 'The hosted server answered with a result of an unknown type.',
  })
}

function refusedQuestion(result: Record<string, unknown>, { request: { method, params }, fault }: Presentation): JsonRpcError | undefined {
  if (result['resultType'] !== 'input_required') return undefined
  const question = INPUT_REQUIRED_METHODS.has(method) ? parseInputRequired(result) : undefined
  if (!question) {
    return fault({
      detail: 'the input request is invalid: the method cannot ask, or a method or mode is unknown, or there are more than 32 requests',
      shown: 'The hosted server sent an invalid input request.',
    })
  }
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
  if (method === 'server/discover') {
    shown['supportedVersions'] = SERVED_REVISIONS
    if (isRecord(result['capabilities'])) shown['capabilities'] = servedCapabilities(result['capabilities'])
  }
  if (method === 'completion/complete') shown['completion'] = withinCompletionLimit(result['completion'])
  if (method === 'tools/list') shown['tools'] = withoutExecution(visibleTools(result['tools'], principal))
  return shown
}

/** Clients refuse a completion with more values than the limit of every revision. */
function withinCompletionLimit(completion: unknown): unknown {
  if (!isRecord(completion) || !Array.isArray(completion['values']) || completion['values'].length <= MAX_COMPLETIONS) return completion
  return { total: completion['values'].length, ...completion, values: completion['values'].slice(0, MAX_COMPLETIONS), hasMore: true }
}

/** Removes `execution` of 2025-11-25, which announces that a tool runs as a task. */
function withoutExecution(tools: unknown): unknown {
  if (!Array.isArray(tools)) return tools
  return tools.map((tool: unknown) => {
    if (!isRecord(tool) || !('execution' in tool)) return tool
    const { execution: _execution, ...kept } = tool
    return kept
  })
}

function hasServerInfo(meta: unknown): boolean {
  return isRecord(meta) && MetaKey.serverInfo in meta
}
