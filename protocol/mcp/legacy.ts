import type { Surface, ToolDefinition } from '../surface.ts'
import { ErrorCode } from './errors.ts'
import type { InputRequest } from './input-required.ts'
import type { JsonRpcError, JsonRpcNotification } from './json-rpc.ts'
import { LEGACY, MODERN, type LegacyRevision } from './revisions.ts'

/** What 2026-07-28 and the session-bearing revisions before it say differently, in both directions. */

/** What `initialize` tells of the client, kept for as long as its session. */
export interface LegacyClient {
  revision: LegacyRevision
  capabilities: Record<string, unknown>
  clientInfo: Record<string, unknown>
}

/** The revision to answer `initialize` with: the client's own where it is served, else the newest with sessions. */
export function negotiateRevision(requested: unknown): LegacyRevision {
  if (requested === '2024-11-05') return '2025-03-26' // the closest thing to it over this transport
  return LEGACY.find((revision) => revision === requested) ?? LEGACY[0]
}

const SERVER_CAPABILITIES = ['tools', 'resources', 'prompts', 'completions', 'logging', 'experimental']

/** The result of `initialize`: what the probe saw, without what only the stateless revision has. */
export function initializeResult(revision: LegacyRevision, { capabilities, serverInfo, instructions }: Surface): Record<string, unknown> {
  const known = Object.entries(capabilities).filter(([name]) => SERVER_CAPABILITIES.includes(name))
  return {
    protocolVersion: revision,
    capabilities: Object.fromEntries(known),
    serverInfo,
    ...(instructions === undefined ? {} : { instructions }),
  }
}

/** A request's params with the `_meta` of 2026-07-28. Logs are asked for at `debug`, and filtered by the session's own level. */
export function toModernParams(params: Record<string, unknown> | undefined, client: LegacyClient): Record<string, unknown> {
  const meta = isRecord(params?.['_meta']) ? params['_meta'] : {}
  return {
    ...params,
    _meta: {
      ...meta,
      'io.modelcontextprotocol/protocolVersion': MODERN,
      'io.modelcontextprotocol/clientCapabilities': modernCapabilities(client),
      'io.modelcontextprotocol/clientInfo': client.clientInfo,
      'io.modelcontextprotocol/logLevel': 'debug',
    },
  }
}

/** Tasks of 2025-11-25 are another protocol than the extension's, and elicitation began with 2025-06-18. */
function modernCapabilities({ capabilities, revision }: LegacyClient): Record<string, unknown> {
  const { tasks: _tasks, extensions: _extensions, elicitation, ...kept } = capabilities
  if (!isRecord(elicitation) || revision === '2025-03-26') return kept
  return { ...kept, elicitation: revision === '2025-11-25' ? elicitation : {} }
}

/** A result as these revisions have it: bare, with structured output that is an object. */
export function toLegacyResult(method: string, result: Record<string, unknown>, tool: ToolDefinition | undefined): Record<string, unknown> {
  const { resultType: _type, ttlMs: _ttl, cacheScope: _scope, _meta, ...kept } = result
  const legacy: Record<string, unknown> = { ...kept }
  if (isRecord(_meta)) {
    const { 'io.modelcontextprotocol/serverInfo': _info, ...meta } = _meta
    if (Object.keys(meta).length > 0) legacy['_meta'] = meta
  }
  if (method === 'tools/list' && Array.isArray(legacy['tools'])) {
    legacy['tools'] = legacy['tools'].map((listed: unknown) =>
      isRecord(listed) && wraps(listed['outputSchema']) ? wrapped(listed) : listed,
    )
  }
  if (method === 'tools/call' && 'structuredContent' in legacy && (wraps(tool?.outputSchema) || !isRecord(legacy['structuredContent']))) {
    legacy['structuredContent'] = { result: legacy['structuredContent'] }
  }
  return legacy
}

/** True for a schema whose values need not be objects, which is all that structured output could be. */
function wraps(outputSchema: unknown): boolean {
  return isRecord(outputSchema) && outputSchema['type'] !== 'object'
}

function wrapped(tool: Record<string, unknown>): Record<string, unknown> {
  return { ...tool, outputSchema: { type: 'object', properties: { result: tool['outputSchema'] }, required: ['result'] } }
}

/** An error as these revisions number it. */
export function toLegacyError(method: string, error: JsonRpcError): JsonRpcError {
  const missing = method === 'resources/read' && error.code === ErrorCode.invalidParams && isRecord(error.data) && 'uri' in error.data
  if (missing) return { ...error, code: ErrorCode.resourceNotFound }
  if (error.code === ErrorCode.missingClientCapability || error.code === ErrorCode.headerMismatch) {
    return { code: ErrorCode.internalError, message: error.message }
  }
  return error
}

const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']

export function isLogLevel(level: unknown): level is string {
  return typeof level === 'string' && LEVELS.includes(level)
}

/** A call's notification for the session's client; undefined for a log message below its level. */
export function toLegacyNotification(notification: JsonRpcNotification, logLevel: string | undefined): JsonRpcNotification | undefined {
  if (notification.method !== 'notifications/message' || logLevel === undefined) return notification
  return LEVELS.indexOf(String(notification.params?.['level'])) >= LEVELS.indexOf(logLevel) ? notification : undefined
}

/** The params of our own request to the client. `elicitationId` names a url-mode question, where 2025-11-25 wants one. */
export function toLegacyQuestion(
  { method, params }: InputRequest,
  revision: LegacyRevision,
  elicitationId: string,
): Record<string, unknown> {
  if (method !== 'elicitation/create') return params
  const { mode, ...form } = params
  if (revision !== '2025-11-25') return form
  return mode === 'url' ? { ...params, elicitationId } : { ...form, mode: 'form' }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
