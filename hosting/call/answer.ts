import { ErrorCode, McpError } from '../../protocol/mcp/errors.ts'
import { missingCapability, parseInputRequired } from '../../protocol/mcp/input-required.ts'
import { isResponse, type JsonRpcError, type JsonRpcMessage, type JsonRpcResponse } from '../../protocol/mcp/json-rpc.ts'
import { CACHEABLE, MAY_ASK, SERVED_REVISIONS } from '../../protocol/mcp/revisions.ts'
import type { Surface } from '../../protocol/versions/surface.ts'
import { openStore } from '../../store/index.ts'
import { findSurface } from '../../store/servers/versions.ts'
import { recordCall, type CallRecord } from '../activity/record.ts'
import { calledTool, demandScopes, isGranted, visibleTools } from './policy.ts'
import type { Answer, Call, Caller, HostingContext, McpRequest } from '../sources/source.ts'
import { codeSource } from '../sources/code/source.ts'
import { isRecord } from '../../protocol/record.ts'

const SERVER_INFO = 'io.modelcontextprotocol/serverInfo'

/** So long after its deadline a call that was never seen to end is not counted any more. */
const LOST_MS = 5_000

/** Calls under way, by hosted server, each with when it is over at the latest. */
const running = new Map<string, Set<{ until: number }>>()

/** What of a call its transport gives: the rest is the same for all. */
export interface Asked extends Caller {
  /** Aborts when the caller cancels. */
  signal: AbortSignal
  /** Uses up what may be used once, when nothing but the source is left to ask; the error where it was used before. */
  claim?: () => Promise<JsonRpcError | undefined>
}

/**
 * The one way to ask a hosted server something: policy before its source, deadline and caps around it, the record of it after. Throws an OAuthError with a
 * challenge where the principal's scopes do not reach, and an McpError (503) where the server has too much to do.
 */
export async function answer(request: McpRequest, asked: Asked, env: Env, ctx: HostingContext): Promise<Answer> {
  const { server, version, principal } = asked
  const surface = await findSurface(openStore(env), { tenantId: server.tenantId, versionId: version.id })
  const { name } = request.params
  if (request.method === 'tools/call' && typeof name === 'string' && !isGranted(principal, name)) {
    return { error: { code: ErrorCode.invalidParams, message: `Unknown tool: ${name.slice(0, 200)}` } }
  }
  demandScopes(request, calledTool(request, surface), asked)

  const record = begin(request, asked, env, ctx)
  const overdue = new AbortController()
  // cleared when the call ends: a timer that is left would keep a session's object awake
  const deadlineMs = server.limits.deadlineSeconds * 1000
  const timer = setTimeout(() => overdue.abort(), deadlineMs)
  const finish = (ending: Ending) => {
    clearTimeout(timer)
    record(ending)
  }
  try {
    const spent = await asked.claim?.()
    if (spent) {
      finish({ error: spent })
      return { error: spent }
    }
    const call: Call = {
      server,
      version,
      principal,
      deadline: Date.now() + deadlineMs,
      signal: AbortSignal.any([asked.signal, overdue.signal]),
    }
    const given = await codeSource(env, ctx).answer(request, call)
    if ('messages' in given) return { messages: relay(given.messages, request, asked, surface, finish) }
    const shown = 'result' in given ? settle(given.result, request, asked, surface) : given
    finish(shown)
    return shown
  } catch (error) {
    finish({ error: { code: ErrorCode.internalError, message: '' } })
    throw error
  }
}

/** Counts the call and answers how it is taken off the count and recorded, once. */
function begin({ method, params }: McpRequest, { server, version, principal, revision, signal }: Asked, env: Env, ctx: HostingContext) {
  const at = Date.now()
  const { limits } = server
  const calls = running.get(server.id) ?? new Set()
  for (const call of calls) {
    if (call.until <= at) calls.delete(call)
  }
  if (calls.size >= limits.concurrentCalls) {
    const message = `${server.tenant}/${server.server} is answering ${limits.concurrentCalls} requests already. Try again shortly.`
    throw new McpError(503, ErrorCode.internalError, message, { headers: { 'Retry-After': '1' } })
  }
  const call = { until: at + limits.deadlineSeconds * 1000 + LOST_MS }
  running.set(server.id, calls.add(call))
  let finished = false
  const { promise: over, resolve: end } = Promise.withResolvers<void>()
  // a caller that hangs up ends the request's own time before the call has ended: without this it would never be taken off the count, nor recorded
  ctx.waitUntil(over)
  return (outcome: Ending) => {
    if (finished) return
    finished = true
    end()
    calls.delete(call)
    if (calls.size === 0 && running.get(server.id) === calls) running.delete(server.id)
    const target = params['name'] ?? params['uri']
    const record: CallRecord = {
      at,
      durationMs: Date.now() - at,
      method,
      revision,
      version: version.number,
      ...(typeof target === 'string' ? { name: target.slice(0, 500) } : {}),
      ...(principal.kind === 'granted'
        ? { clientId: principal.clientId, ...(principal.userId === undefined ? {} : { userId: principal.userId }) }
        : {}),
      ...outcomeOf(outcome, signal.aborted),
    }
    recordCall(server, record, env, ctx)
  }
}

type Ending = { result: Record<string, unknown> } | { error: { code: number; data?: unknown; message: string } } | undefined

function outcomeOf(ending: Ending, aborted: boolean): Pick<CallRecord, 'outcome' | 'code' | 'correlationId'> {
  if (aborted || !ending) return { outcome: 'cancelled' }
  if ('result' in ending) return { outcome: ending.result['isError'] === true ? 'tool-error' : 'ok' }
  const { code, data } = ending.error
  const correlationId = isRecord(data) && 'correlationId' in data ? String(data['correlationId']) : undefined
  return { outcome: 'error', code, ...(correlationId === undefined ? {} : { correlationId }) }
}

/** Passes messages on as they are read; the response among them is the call's end, and so is a reader that stops. */
async function* relay(
  messages: AsyncIterable<JsonRpcMessage>,
  request: McpRequest,
  asked: Asked,
  surface: Surface | undefined,
  finish: (ending: Ending) => void,
): AsyncGenerator<JsonRpcMessage, undefined> {
  try {
    for await (const message of messages) {
      if (!isResponse(message)) yield message
      else {
        const shown: JsonRpcResponse =
          'result' in message ? { jsonrpc: '2.0', id: message.id, ...settle(message.result, request, asked, surface) } : message
        finish(shown)
        yield shown
        return
      }
    }
  } finally {
    finish(undefined)
  }
}

/** A question may be asked only where, how and of whom the protocol allows it; everything else is a result to show. */
function settle(
  result: Record<string, unknown>,
  request: McpRequest,
  asked: Asked,
  surface: Surface | undefined,
): { result: Record<string, unknown> } | { error: JsonRpcError } {
  if (result['resultType'] !== 'input_required') return { result: present(result, request, asked, surface) }
  const question = MAY_ASK.has(request.method) ? parseInputRequired(result) : undefined
  if (!question)
    return { error: { code: ErrorCode.internalError, message: 'The server asked for input in a way the protocol does not know.' } }
  const meta = request.params['_meta']
  const missing = missingCapability(question, isRecord(meta) ? meta['io.modelcontextprotocol/clientCapabilities'] : undefined)
  return missing ? { error: missing } : { result: present(result, request, asked, surface) }
}

/** A source's result as this revision and this principal are to see it: what the specification requires is there even where a tenant left it out. */
function present(
  result: Record<string, unknown>,
  { method }: McpRequest,
  { server, principal }: Asked,
  surface: Surface | undefined,
): Record<string, unknown> {
  const shown: Record<string, unknown> = { ...result, resultType: result['resultType'] ?? 'complete' }
  if (surface && !hasServerInfo(result['_meta']))
    shown['_meta'] = { ...(isRecord(result['_meta']) ? result['_meta'] : {}), [SERVER_INFO]: surface.serverInfo }
  if (CACHEABLE.has(method) && shown['resultType'] === 'complete') {
    shown['ttlMs'] = Number.isSafeInteger(result['ttlMs']) && Number(result['ttlMs']) >= 0 ? result['ttlMs'] : 0
    // what a token was needed for is not another token's to keep
    shown['cacheScope'] =
      result['cacheScope'] === 'public' && server.access === 'public' && principal.kind === 'anonymous' ? 'public' : 'private'
  }
  if (method === 'server/discover') shown['supportedVersions'] = SERVED_REVISIONS
  if (method === 'tools/list') shown['tools'] = visibleTools(result['tools'], principal)
  return shown
}

function hasServerInfo(meta: unknown): boolean {
  return isRecord(meta) && SERVER_INFO in meta
}
