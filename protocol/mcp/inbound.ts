import { z } from 'zod'
import { mediaTypeOf, readBodyJson, type BodyFault } from '../http/body.ts'
import type { JsonBounds } from '../http/strict-json.ts'
import { ErrorCode, headerMismatch, McpError, statusOf } from './errors.ts'
import { decodeHeaderValue } from './header-value.ts'
import {
  isRequest,
  isResponse,
  JsonRpcFault,
  parseJsonRpc,
  type JsonRpcError,
  type JsonRpcId,
  type JsonRpcMessage,
  type JsonRpcNotification,
  type JsonRpcRequest,
} from './json-rpc.ts'
import { MODERN, MODERN_METHODS, targetOf } from './revisions/2026-07-28.ts'
import { batchFault, isLegacyRevision, SERVED_REVISIONS } from './revisions/served.ts'
import { isRecord } from '../record.ts'
import { MetaKey } from './meta.ts'
import { LOG_LEVELS } from './log-level.ts'
import { SSE_MEDIA_TYPE } from './sse.ts'
import { toSentence } from '../plain-text.ts'
import { findMessageId } from './message-id.ts'
import { parseParams, progressToken } from './params.ts'

/**
 * Reader of the MCP headers and the body of a request. Checks run in the order message shape, kind
 * of revision (stateless or with sessions), `_meta`, version, params, headers. The first fault is
 * reported.
 * A malformed request of the stateless revision gets an error and never reaches a session.
 */

export type Inbound = ModernRequest | MalformedRequest | ModernNotification | LegacyInbound

/**
 * A request of 2026-07-28 with complete `_meta` and matching standard headers. `Mcp-Param-*`
 * headers are checked later, with the tool's schema.
 */
export interface ModernRequest {
  era: 'modern'
  kind: 'request'
  message: JsonRpcRequest & { params: Record<string, unknown> }
}

/**
 * A request of 2026-07-28 with params of the wrong type. The error is sent after the hosted server
 * is known to have the method.
 */
interface MalformedRequest {
  era: 'modern'
  kind: 'malformed'
  message: JsonRpcRequest
  error: JsonRpcError
}

export interface ModernNotification {
  era: 'modern'
  kind: 'notification'
  message: JsonRpcNotification
}

/** A POST, GET or DELETE of a revision with sessions. */
export interface LegacyInbound {
  era: 'legacy'
  method: 'POST' | 'GET' | 'DELETE'
  /** Empty for GET and DELETE. */
  messages: JsonRpcMessage[]
  batch: boolean
  sessionId: string | undefined
  lastEventId: string | undefined
  /** Value of the header. The session compares the value with its own revision. */
  protocolVersion: string | undefined
}

export const MAX_BODY = 4 * 1024 * 1024
const MAX_BATCH = 50
const BOUNDS: JsonBounds = { maxDepth: 64 }

/** Returns a request at an MCP endpoint. Throws {@link McpError}. */
export async function readInbound(request: Request): Promise<Inbound> {
  const { headers, method } = request
  const protocolVersion = headers.get('MCP-Protocol-Version') ?? undefined
  const legacy = {
    era: 'legacy' as const,
    sessionId: headers.get('Mcp-Session-Id') ?? undefined,
    lastEventId: headers.get('Last-Event-ID') ?? undefined,
    protocolVersion,
  }
  if (method === 'GET' || method === 'DELETE') {
    if (legacy.sessionId === undefined || protocolVersion === MODERN) throw methodNotAllowed(method)
    if (method === 'GET') checkAccept(headers, [SSE_MEDIA_TYPE])
    return { ...legacy, method, messages: [], batch: false }
  }
  if (method !== 'POST') throw methodNotAllowed(method)

  checkContentType(headers)
  checkAccept(headers, ['application/json', SSE_MEDIA_TYPE])
  const body = await readBodyJson(request, { maxBytes: MAX_BODY, bounds: BOUNDS, toError: bodyError })
  if (Array.isArray(body)) {
    const fault = protocolVersion === MODERN ? batchFault(MODERN) : undefined
    if (fault !== undefined) throw invalid(fault)
    return { ...legacy, method, messages: parseBatch(body), batch: true }
  }
  const message = parseMessage(body)
  if (!isModern(message, headers)) return { ...legacy, method, messages: [message], batch: false }
  if (isResponse(message))
    throw invalid('A client cannot send a response, because a server of revision 2026-07-28 sends no requests.', message.id)
  if (!isRequest(message)) return { era: 'modern', kind: 'notification', message }
  const params = checkEnvelope(message, headers)
  // an unknown method is reported as such, also with unknown params
  const parsed = MODERN_METHODS.has(message.method) ? parseParams(message.method, params) : { params }
  if ('error' in parsed) return { era: 'modern', kind: 'malformed', message, error: parsed.error }
  const complete = { ...message, params: parsed.params }
  checkHeaders(complete, headers)
  return { era: 'modern', kind: 'request', message: complete }
}

function methodNotAllowed(method: string): McpError {
  const message = `${method} is not allowed. Send requests by POST; GET and DELETE need a session in Mcp-Session-Id.`
  return new McpError(405, ErrorCode.invalidRequest, message, { headers: { Allow: 'POST, GET, DELETE, OPTIONS' } })
}

function checkContentType(headers: Headers) {
  if (mediaTypeOf(headers) !== 'application/json')
    throw new McpError(415, ErrorCode.invalidRequest, 'Content-Type must be application/json.')
}

/** Checks `Accept`. An absent header accepts every type (RFC 9110 §12.5.1). */
function checkAccept(headers: Headers, types: string[]) {
  const accept = headers.get('Accept')
  if (accept === null) return
  const ranges = accept.split(',').flatMap((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    return parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter)) ? [] : [type]
  })
  for (const type of types) {
    const wildcard = `${type.slice(0, type.indexOf('/'))}/*`
    if (!ranges.includes(type) && !ranges.includes('*/*') && !ranges.includes(wildcard)) {
      throw new McpError(406, ErrorCode.invalidRequest, `Accept must list ${types.join(' and ')}.`)
    }
  }
}

function bodyError({ reason, status, detail, text, cause }: BodyFault): McpError {
  const code = reason === 'encoding' || reason === 'syntax' ? ErrorCode.parseError : ErrorCode.invalidRequest
  return new McpError(status, code, toSentence(detail), { id: text === undefined ? undefined : findMessageId(text), cause })
}

function parseBatch(body: unknown[]): JsonRpcMessage[] {
  if (body.length === 0 || body.length > MAX_BATCH) throw invalid(`A batch must contain 1 to ${MAX_BATCH} messages.`)
  return body.map((entry) => parseMessage(entry))
}

function parseMessage(value: unknown): JsonRpcMessage {
  try {
    return parseJsonRpc(value)
  } catch (cause) {
    if (cause instanceof JsonRpcFault) throw invalid(toSentence(cause.message), cause.id)
    throw cause
  }
}

/**
 * Returns true for a message of 2026-07-28. Decided by `_meta`, then by `initialize`, then by the
 * headers, then by methods that only 2026-07-28 has. Any other message belongs to a session.
 */
function isModern(message: JsonRpcMessage, headers: Headers): boolean {
  const meta = 'params' in message ? message.params?.['_meta'] : undefined
  if (isRecord(meta) && [MetaKey.protocolVersion, MetaKey.clientCapabilities, MetaKey.clientInfo].some((key) => key in meta)) return true
  if ('method' in message && message.method === 'initialize') return false
  const version = headers.get('MCP-Protocol-Version')
  if (version === MODERN) return true
  if (headers.has('Mcp-Session-Id') || (version !== null && isLegacyRevision(version))) return false
  if (version !== null || headers.has('Mcp-Method')) return true
  return 'method' in message && (message.method === 'server/discover' || message.method === 'subscriptions/listen')
}

const envelope = z.object({
  [MetaKey.protocolVersion]: z.string(),
  [MetaKey.clientCapabilities]: z.custom<Record<string, unknown>>(isRecord),
  [MetaKey.clientInfo]: z.object({ name: z.string(), version: z.string() }).optional(),
  [MetaKey.logLevel]: z.enum(LOG_LEVELS).optional(),
  progressToken: progressToken.optional(),
})

function checkEnvelope({ id, params }: JsonRpcRequest, headers: Headers): Record<string, unknown> {
  const meta = params?.['_meta']
  if (!params || !isRecord(meta)) {
    throw new McpError(
      400,
      ErrorCode.invalidParams,
      `params._meta is missing. Send ${MetaKey.protocolVersion} and ${MetaKey.clientCapabilities}.`,
      { id },
    )
  }
  const parsed = envelope.safeParse(meta)
  if (!parsed.success) {
    const key = String(parsed.error.issues[0]?.path[0] ?? '')
    throw new McpError(400, ErrorCode.invalidParams, `params._meta["${key}"] is ${key in meta ? 'malformed' : 'missing'}.`, { id })
  }
  const requested = parsed.data[MetaKey.protocolVersion]
  if (requested !== MODERN) {
    // different versions in header and body are a mismatch, even if neither is supported
    const named = headers.get('MCP-Protocol-Version')
    if (named !== null) mustEqual('MCP-Protocol-Version', named, requested, id)
    throw new McpError(
      statusOf(ErrorCode.unsupportedProtocolVersion),
      ErrorCode.unsupportedProtocolVersion,
      `Protocol version ${requested.slice(0, 40)} is not supported without a session.`,
      {
        id,
        data: { supported: SERVED_REVISIONS, requested },
      },
    )
  }
  return params
}

function checkHeaders({ id, method, params }: JsonRpcRequest & { params: Record<string, unknown> }, headers: Headers) {
  mustEqual('MCP-Protocol-Version', headers.get('MCP-Protocol-Version'), MODERN, id)
  mustEqual('Mcp-Method', headers.get('Mcp-Method'), method, id)
  const target = targetOf(method, params)
  if (target === undefined) return // the method has no target
  const name = headers.get('Mcp-Name')
  mustEqual('Mcp-Name', name === null ? null : (decodeHeaderValue(name) ?? null), target, id)
}

function mustEqual(header: string, value: string | null, expected: string, id: JsonRpcId) {
  if (value === expected) return
  const message = value === null ? `The header ${header} is missing or malformed.` : `The header ${header} does not match the body.`
  throw headerMismatch(message, id)
}

function invalid(message: string, id?: JsonRpcId): McpError {
  return new McpError(400, ErrorCode.invalidRequest, message, { id })
}
