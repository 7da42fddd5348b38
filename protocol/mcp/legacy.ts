import type { Surface, ToolDefinition } from '../versions/surface.ts'
import { ErrorCode } from './errors.ts'
import type { InputRequest } from './input-required.ts'
import type { JsonRpcError, JsonRpcNotification } from './json-rpc.ts'
import { findMisfit, needsWrapping, wrapSchema } from './legacy-schema.ts'
import { LEGACY, MODERN, type LegacyRevision } from './revisions.ts'
import { isRecord } from '../record.ts'
import { isReservedMetaKey, MetaKey } from './meta.ts'
import { isAtLeast, type LogLevel } from './log-level.ts'

/** What 2026-07-28 and the session-bearing revisions before it say differently, in both directions. */

/** What `initialize` tells of the client, kept for as long as its session. */
export interface LegacyClient {
  revision: LegacyRevision
  capabilities: Record<string, unknown>
  clientInfo: Record<string, unknown>
  /** The server's capabilities, as it was told. */
  offered: Record<string, unknown>
}

/** The revision to answer `initialize` with: the client's own where it is served, else the newest with sessions. */
export function negotiateRevision(requested: unknown): LegacyRevision {
  if (requested === '2024-11-05') return '2025-03-26' // the closest thing to it over this transport
  return LEGACY.find((revision) => revision === requested) ?? LEGACY[0]
}

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

/** What the session adds to a request that has been asked for input: the client's answers, and the hosted server's own state. */
export interface Round {
  inputResponses?: Record<string, unknown>
  requestState?: string
}

/**
 * A request's params with the `_meta` of 2026-07-28. What only the session may say is taken out of the client's own first: a state it made up would reach the
 * hosted server as one of its own. Logs are asked for at `debug`, and filtered by the session's own level.
 */
export function toModernParams(params: Record<string, unknown>, client: LegacyClient, round: Round = {}): Record<string, unknown> {
  const { _meta, inputResponses: _responses, requestState: _state, task: _task, ...own } = params
  const meta = isRecord(_meta) ? Object.entries(_meta).filter(([key]) => !isReservedMetaKey(key)) : []
  return {
    ...own,
    ...round,
    _meta: {
      ...Object.fromEntries(meta),
      [MetaKey.protocolVersion]: MODERN,
      [MetaKey.clientCapabilities]: modernCapabilities(client),
      [MetaKey.clientInfo]: client.clientInfo,
      ...(client.offered['logging'] === undefined ? {} : { [MetaKey.logLevel]: 'debug' }),
    },
  }
}

/** Tasks of 2025-11-25 are another protocol than the extension's, and elicitation began with 2025-06-18. */
function modernCapabilities({ capabilities, revision }: LegacyClient): Record<string, unknown> {
  const { tasks: _tasks, extensions: _extensions, elicitation, ...kept } = capabilities
  if (!isRecord(elicitation) || revision === '2025-03-26') return kept
  return { ...kept, elicitation: revision === '2025-11-25' ? elicitation : {} }
}

/**
 * What a hosted server answered a request, as this revision has it. What the tool needs and the client did not declare is told as the tool's own result: these
 * revisions have no error for it.
 */
export function toLegacyAnswer(
  { method, params }: { method: string; params: Record<string, unknown> },
  given: { result: Record<string, unknown> } | { error: JsonRpcError },
  tool: ToolDefinition | undefined,
  revision: LegacyRevision,
): { result: Record<string, unknown> } | { error: JsonRpcError } {
  if ('result' in given) {
    const misfit = argumentError(given.result, params['arguments'], tool, revision)
    return misfit ? { error: misfit } : { result: toLegacyResult(method, given.result, tool, revision) }
  }
  if (method === 'tools/call' && given.error.code === ErrorCode.missingClientCapability) {
    return { result: { content: [textOf(given.error.message)], isError: true } }
  }
  return { error: toLegacyError(method, given.error) }
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
    legacy['tools'] = legacy['tools'].map((listed: unknown) => (isRecord(listed) ? toLegacyTool(listed, revision) : listed))
  }
  return method === 'tools/call' ? toLegacyToolResult(legacy, tool, revision) : legacy
}

function toLegacyTool({ outputSchema, ...tool }: Record<string, unknown>, revision: LegacyRevision): Record<string, unknown> {
  if (outputSchema === undefined || revision === '2025-03-26') return tool
  return { ...tool, outputSchema: needsWrapping(outputSchema) ? wrapSchema(outputSchema) : outputSchema }
}

function toLegacyToolResult(
  { structuredContent, ...result }: Record<string, unknown>,
  tool: ToolDefinition | undefined,
  revision: LegacyRevision,
): Record<string, unknown> {
  const given = Array.isArray(result['content']) ? result['content'] : []
  // the copy as text is only a should of the server's, and may be all that these clients read
  const content = given.length === 0 && structuredContent !== undefined ? [textOf(JSON.stringify(structuredContent))] : given
  if (revision === '2025-03-26') return { ...result, content: content.map(linkToText) }
  if (structuredContent === undefined) return { ...result, content }
  const wrap = needsWrapping(tool?.outputSchema) || !isRecord(structuredContent)
  return { ...result, content, structuredContent: wrap ? { result: structuredContent } : structuredContent }
}

/** Revision 2025-03-26 has no `resource_link`. */
function linkToText(block: unknown): unknown {
  if (!isRecord(block) || block['type'] !== 'resource_link') return block
  return textOf([block['title'] ?? block['name'], block['description'], block['uri']].filter((part) => typeof part === 'string').join('\n'))
}

function textOf(text: string) {
  return { type: 'text', text }
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
  if (revision === '2025-11-25' || result['isError'] !== true || !tool) return undefined
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
export function toLegacyQuestion(
  { method, params }: InputRequest,
  revision: LegacyRevision,
  elicitationId: string,
): Record<string, unknown> {
  const { _meta, ...own } = params
  const { progressToken: _token, ...meta } = isRecord(_meta) ? _meta : {} // of another conversation than the one with this client
  const asked: Record<string, unknown> = Object.keys(meta).length > 0 ? { ...own, _meta: meta } : own
  if (method !== 'elicitation/create') return asked
  const { mode, ...form } = asked
  if (revision !== '2025-11-25') return form
  return mode === 'url' ? { ...asked, elicitationId } : { ...form, mode: 'form' }
}
