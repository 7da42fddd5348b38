import type { Surface, ToolDefinition } from '../../versions/surface.ts'
import { isRecord } from '../../record.ts'
import { ErrorCode } from '../errors.ts'
import type { InputRequest } from '../input-required.ts'
import type { JsonRpcError, JsonRpcNotification } from '../json-rpc.ts'
import { servedCapabilities } from '../extensions.ts'
import { isAtLeast, type LogLevel } from '../log-level.ts'
import { MetaKey } from '../meta.ts'
import { textContent } from '../text-content.ts'
import type { Selections } from './flat-form.ts'
import { legacyRules, type LegacyRevision } from './served.ts'
import { withObjectProperties } from './structured-output.ts'
import { mapRecords, toKnownContent, toKnownEntry, toKnownServerInfo, toKnownTool } from './vocabulary.ts'

const SERVER_CAPABILITIES = ['tools', 'resources', 'prompts', 'completions', 'logging', 'experimental', 'extensions']

/**
 * Returns the server capabilities known to revisions with sessions. MCP Apps uses `extensions` at
 * every revision.
 */
export function legacyCapabilities({ capabilities }: Surface): Record<string, unknown> {
  return Object.fromEntries(Object.entries(servedCapabilities(capabilities)).filter(([name]) => SERVER_CAPABILITIES.includes(name)))
}

/** Returns the result of `initialize` from the version's surface. */
export function initializeResult(revision: LegacyRevision, surface: Surface): Record<string, unknown> {
  const { instructions } = surface
  const serverInfo = toKnownServerInfo(surface.serverInfo, legacyRules(revision).vocabulary)
  return {
    protocolVersion: revision,
    capabilities: legacyCapabilities(surface),
    serverInfo,
    ...(instructions === undefined ? {} : { instructions }),
  }
}

type Outcome = { result: Record<string, unknown> } | { error: JsonRpcError }

/**
 * Returns the outcome of a request for a client of this revision. A missing client capability
 * becomes a tool result, because these revisions have no error code for a missing capability. The
 * tool's own error is kept at every revision, because the tool knows best which arguments fit.
 */
export function toLegacyOutcome(method: string, outcome: Outcome, tool: ToolDefinition | undefined, revision: LegacyRevision): Outcome {
  if ('result' in outcome) return { result: toLegacyResult(method, outcome.result, tool, revision) }
  if (method === 'tools/call' && outcome.error.code === ErrorCode.missingClientCapability) {
    return { result: { content: [textContent(outcome.error.message)], isError: true } }
  }
  if (method === 'tools/call' && outcome.error.code === ErrorCode.urlElicitationRequired && !legacyRules(revision).hasUrlElicitation) {
    return { result: { content: [textContent([outcome.error.message, ...urlsOf(outcome.error)].join('\n'))], isError: true } }
  }
  return { error: toLegacyError(method, outcome.error) }
}

/** Returns the URLs that the user must visit before the call. */
function urlsOf({ data }: JsonRpcError): string[] {
  const elicitations = isRecord(data) && Array.isArray(data['elicitations']) ? data['elicitations'] : []
  return elicitations.flatMap((each: unknown) => (isRecord(each) && typeof each['url'] === 'string' ? [each['url']] : []))
}

/** Returns a result without members of 2026-07-28, and with structured content if supported. */
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
  const { vocabulary } = legacyRules(revision)
  const listField = LISTS[method]
  if (listField !== undefined) legacy[listField] = mapRecords(legacy[listField], (entry) => toLegacyEntry(listField, entry, revision))
  if (method === 'prompts/get') {
    legacy['messages'] = mapRecords(legacy['messages'], (message) => ({
      ...message,
      content: toKnownContent(message['content'], vocabulary.contentTypes, vocabulary),
    }))
  }
  return method === 'tools/call' ? toLegacyToolResult(legacy, tool, revision) : legacy
}

/** Field of the result by list method. */
const LISTS: Record<string, string> = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
}

function toLegacyEntry(field: string, entry: Record<string, unknown>, revision: LegacyRevision): Record<string, unknown> {
  const { vocabulary, toTool } = legacyRules(revision)
  if (field !== 'tools') return toKnownEntry(entry, vocabulary)
  const tool = toTool(toKnownTool(entry, vocabulary))
  return 'inputSchema' in tool ? { ...tool, inputSchema: withObjectProperties(tool['inputSchema']) } : tool
}

function toLegacyToolResult(
  { structuredContent, ...result }: Record<string, unknown>,
  tool: ToolDefinition | undefined,
  revision: LegacyRevision,
): Record<string, unknown> {
  const given = Array.isArray(result['content']) ? result['content'] : []
  // older clients may read text only, and a server may leave out the text copy
  const content = given.length === 0 && structuredContent !== undefined ? [textContent(JSON.stringify(structuredContent))] : given
  const { vocabulary, toToolResult } = legacyRules(revision)
  const known = content.map((block) => toKnownContent(block, vocabulary.contentTypes, vocabulary))
  return toToolResult({ ...result, content: known }, structuredContent, tool)
}

/** Codes with a meaning at 2026-07-28 only. */
const MODERN_CODES: ReadonlySet<number> = new Set([
  ErrorCode.missingClientCapability,
  ErrorCode.headerMismatch,
  ErrorCode.unsupportedProtocolVersion,
])

/** Returns an error with the code of revisions with sessions. */
function toLegacyError(method: string, error: JsonRpcError): JsonRpcError {
  const missing = method === 'resources/read' && error.code === ErrorCode.invalidParams && isRecord(error.data) && 'uri' in error.data
  if (missing) return { ...error, code: ErrorCode.resourceNotFound }
  if (MODERN_CODES.has(error.code)) {
    return { code: ErrorCode.internalError, message: error.message }
  }
  return error
}

/** Returns the notification, or undefined for a log message below the session's level. */
export function toLegacyNotification(notification: JsonRpcNotification, logLevel: LogLevel | undefined): JsonRpcNotification | undefined {
  if (notification.method !== 'notifications/message' || logLevel === undefined) return notification
  return isAtLeast(notification.params?.['level'], logLevel) ? notification : undefined
}

/**
 * Returns the params of a request to the client. `elicitationId` names an elicitation in url mode.
 * The selections are needed to read the response.
 */
export function toLegacyInputRequest(
  { method, params }: InputRequest,
  revision: LegacyRevision,
  elicitationId: string,
): { params: Record<string, unknown>; selections: Selections } {
  const { _meta, task: _task, ...own } = params
  // the progress token belongs to the hosted server's request
  const { progressToken: _token, ...meta } = isRecord(_meta) ? _meta : {}
  const asked: Record<string, unknown> = Object.keys(meta).length > 0 ? { ...own, _meta: meta } : own
  const rules = legacyRules(revision)
  if (method === 'elicitation/create') return rules.toElicitation(asked, elicitationId)
  return { params: method === 'sampling/createMessage' ? rules.toSampling(asked) : asked, selections: {} }
}
