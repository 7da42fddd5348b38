import type { Surface, ToolDefinition } from '../../versions/surface.ts'
import { isRecord } from '../../record.ts'
import { ErrorCode } from '../errors.ts'
import type { InputRequest } from '../input-required.ts'
import type { JsonRpcError, JsonRpcNotification } from '../json-rpc.ts'
import { isAtLeast, type LogLevel } from '../log-level.ts'
import { MetaKey } from '../meta.ts'
import { textContent } from '../text-content.ts'
import { findMisfit } from './argument-misfit.ts'
import { legacyRules, type LegacyRevision } from './served.ts'

/** What 2026-07-28 and the session-bearing revisions before it say differently, in both directions. */

const SERVER_CAPABILITIES = ['tools', 'resources', 'prompts', 'completions', 'logging', 'experimental']

/** A server's capabilities without those only the stateless revision has. */
export function legacyCapabilities({ capabilities }: Surface): Record<string, unknown> {
  return Object.fromEntries(Object.entries(capabilities).filter(([name]) => SERVER_CAPABILITIES.includes(name)))
}

/** The result of `initialize`: what the probe saw. */
export function initializeResult(revision: LegacyRevision, surface: Surface): Record<string, unknown> {
  const { serverInfo, instructions } = surface
  return {
    protocolVersion: revision,
    capabilities: legacyCapabilities(surface),
    serverInfo,
    ...(instructions === undefined ? {} : { instructions }),
  }
}

type Outcome = { result: Record<string, unknown> } | { error: JsonRpcError }

/**
 * What a hosted server answered a request, as this revision has it. What the tool needs and the client did not declare is told as the tool's own result: these
 * revisions have no error for it.
 */
export function toLegacyOutcome(
  { method, params }: { method: string; params: Record<string, unknown> },
  outcome: Outcome,
  tool: ToolDefinition | undefined,
  revision: LegacyRevision,
): Outcome {
  if ('result' in outcome) {
    const misfit = argumentError(outcome.result, params['arguments'], tool, revision)
    return misfit ? { error: misfit } : { result: toLegacyResult(method, outcome.result, tool, revision) }
  }
  if (method === 'tools/call' && outcome.error.code === ErrorCode.missingClientCapability) {
    return { result: { content: [textContent(outcome.error.message)], isError: true } }
  }
  return { error: toLegacyError(method, outcome.error) }
}

/** A result as this revision has it: bare, with structured output that is an object, or none where the revision has none. */
function toLegacyResult(
  method: string,
  result: Record<string, unknown>,
  tool: ToolDefinition | undefined,
  revision: LegacyRevision,
): Record<string, unknown> {
  const { resultType: _type, ttlMs: _ttl, cacheScope: _scope, _meta, ...kept } = result
  const legacy: Record<string, unknown> = { ...kept }
  if (isRecord(_meta)) {
    const { [MetaKey.serverInfo]: _info, ...meta } = _meta
    if (Object.keys(meta).length > 0) legacy['_meta'] = meta
  }
  if (method === 'tools/list' && Array.isArray(legacy['tools'])) {
    legacy['tools'] = legacy['tools'].map((listed: unknown) => (isRecord(listed) ? legacyRules(revision).toTool(listed) : listed))
  }
  return method === 'tools/call' ? toLegacyToolResult(legacy, tool, revision) : legacy
}

function toLegacyToolResult(
  { structuredContent, ...result }: Record<string, unknown>,
  tool: ToolDefinition | undefined,
  revision: LegacyRevision,
): Record<string, unknown> {
  const given = Array.isArray(result['content']) ? result['content'] : []
  // the copy as text is only a should of the server's, and may be all that these clients read
  const content = given.length === 0 && structuredContent !== undefined ? [textContent(JSON.stringify(structuredContent))] : given
  return legacyRules(revision).toToolResult({ ...result, content }, structuredContent, tool)
}

/**
 * Arguments that do not fit their schema are a protocol error until 2025-06-18 and a result with `isError` from then on, which is what a hosted server
 * answers. Undefined where the result says something else.
 */
function argumentError(
  result: Record<string, unknown>,
  args: unknown,
  tool: ToolDefinition | undefined,
  revision: LegacyRevision,
): JsonRpcError | undefined {
  if (!legacyRules(revision).refusesArguments || result['isError'] !== true || !tool) return undefined
  const misfit = findMisfit(tool.inputSchema, args ?? {})
  return misfit === undefined ? undefined : { code: ErrorCode.invalidParams, message: `Invalid arguments for tool ${tool.name}: ${misfit}` }
}

/** An error as these revisions number it. */
function toLegacyError(method: string, error: JsonRpcError): JsonRpcError {
  const missing = method === 'resources/read' && error.code === ErrorCode.invalidParams && isRecord(error.data) && 'uri' in error.data
  if (missing) return { ...error, code: ErrorCode.resourceNotFound }
  if (error.code === ErrorCode.missingClientCapability || error.code === ErrorCode.headerMismatch) {
    return { code: ErrorCode.internalError, message: error.message }
  }
  return error
}

/** A call's notification for the session's client; undefined for a log message below its level. */
export function toLegacyNotification(notification: JsonRpcNotification, logLevel: LogLevel | undefined): JsonRpcNotification | undefined {
  if (notification.method !== 'notifications/message' || logLevel === undefined) return notification
  return isAtLeast(notification.params?.['level'], logLevel) ? notification : undefined
}

/** The params of our own request to the client. `elicitationId` names a url-mode question, where 2025-11-25 wants one. */
export function toLegacyInputRequest(
  { method, params }: InputRequest,
  revision: LegacyRevision,
  elicitationId: string,
): Record<string, unknown> {
  const { _meta, ...own } = params
  const { progressToken: _token, ...meta } = isRecord(_meta) ? _meta : {} // of another conversation than the one with this client
  const asked: Record<string, unknown> = Object.keys(meta).length > 0 ? { ...own, _meta: meta } : own
  return method === 'elicitation/create' ? legacyRules(revision).toElicitation(asked, elicitationId) : asked
}
