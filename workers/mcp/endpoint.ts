import { callerNetwork } from '../caller-network.ts'
import { answer } from '../../hosting/call/answer.ts'
import type { CallRequest } from '../../hosting/call/call-request.ts'
import { calledTool } from '../../hosting/call/policy.ts'
import type { Answer, McpRequest } from '../../hosting/sources/source.ts'
import { paramsError } from '../../protocol/mcp/capabilities.ts'
import { ErrorCode, McpError, methodNotFound, statusOf } from '../../protocol/mcp/errors.ts'
import { readInbound, type Inbound, type ModernRequest } from '../../protocol/mcp/inbound.ts'
import {
  isResponse,
  onlyIdOf,
  type JsonRpcError,
  type JsonRpcId,
  type JsonRpcMessage,
  type JsonRpcResponse,
} from '../../protocol/mcp/json-rpc.ts'
import { checkParamHeaders } from '../../protocol/mcp/param-headers.ts'
import { openRequestState, sealRequestState, type OpenedState, type StateOwner } from '../../protocol/mcp/request-state.ts'
import { MODERN, MODERN_METHODS } from '../../protocol/mcp/revisions/2026-07-28.ts'
import { principalKey } from '../../protocol/principal.ts'
import { OAuthError } from '../../protocol/oauth/errors.ts'
import { notFound, Problem } from '../../protocol/problem.ts'
import { findRole, isAtLeast } from '../../store/tenants/members.ts'
import { useRequestState } from '../../store/servers/request-states.ts'
import type { VersionReference } from '../../store/servers/servers.ts'
import { findSurface, findVersionReference } from '../../store/servers/versions.ts'
import { toProblem } from '../errors.ts'
import type { BearerRequest, Handler } from '../request.ts'
import { json } from '../responses.ts'
import { listen } from './listen.ts'
import { session } from './session.ts'
import { streamMessages } from './stream.ts'
import { untilRevoked } from './until-revoked.ts'
import { SSE_HEADERS } from '../../protocol/mcp/sse.ts'

/** Time until a call becomes a stream. Only a stream shows that its client has disconnected. */
const PATIENCE_MS = 3_000

/**
 * MCP endpoint of a hosted server. Replies to the stateless revision here, and passes requests of
 * session-bearing revisions to the session's Durable Object.
 */
export const endpoint: Handler<BearerRequest> = (request) => serve(request, request.server.active)

/** MCP endpoint of one version, active or not. Throws 404 unless the caller may deploy here. */
export const versionEndpoint: Handler<BearerRequest> = async (request) => {
  const { store, server, principal, params } = request
  const userId = principal.kind === 'granted' ? principal.userId : undefined
  const role = userId === undefined ? undefined : await findRole(store, server.tenantId, userId)
  const number = /^[1-9]\d{0,8}$/.test(params['number'] ?? '') ? Number(params['number']) : undefined
  if (!isAtLeast(role, 'developer') || number === undefined) throw notFound()
  const version = await findVersionReference(store, { ...server.key, number })
  if (!version) throw notFound()
  return serve(request, version)
}

async function serve(request: BearerRequest, version: VersionReference | undefined): Promise<Response> {
  const inbound = await readInbound(request)
  try {
    return await reply(request, inbound, version)
  } catch (error) {
    if (error instanceof OAuthError) throw error // a challenge
    const shown = error instanceof McpError ? error : toMcpError(error instanceof Problem ? error : toProblem(error))
    throw shown.withId(onlyIdOf(inbound.era === 'legacy' ? inbound.messages : [inbound.message]))
  }
}

function toMcpError({ status, message, headers }: Problem): McpError {
  return new McpError(status, ErrorCode.internalError, message, { headers })
}

async function reply(request: BearerRequest, inbound: Inbound, version: VersionReference | undefined): Promise<Response> {
  if (!version) {
    const { tenant, server } = request.server
    throw new McpError(503, ErrorCode.internalError, `${tenant}/${server} has no active version yet.`, { headers: { 'Retry-After': '60' } })
  }
  if (inbound.era === 'legacy') return session(request, inbound, version)
  // clients of this revision cancel by disconnecting, and no other notification has an effect
  if (inbound.kind === 'notification') return new Response(null, { status: 202 })
  const { message } = inbound
  if (inbound.kind === 'malformed') {
    const surface = await findSurface(request.store, { tenantId: request.server.tenantId, versionId: version.id })
    return refuse(message.id, paramsError(message.method, inbound.error, surface?.capabilities))
  }
  if (!MODERN_METHODS.has(message.method)) {
    return refuse(message.id, methodNotFound(message.method))
  }
  return message.method === 'subscriptions/listen' ? listen(request, inbound.message, version) : replyModern(request, inbound, version)
}

async function replyModern(request: BearerRequest, { message }: ModernRequest, version: VersionReference): Promise<Response> {
  const { server, principal, store, urls, headers, env } = request
  const { id, method, params } = message
  const surface = await findSurface(store, { tenantId: server.tenantId, versionId: version.id })
  const tool = calledTool(message, surface)
  if (tool) checkParamHeaders(tool.inputSchema, message, headers)
  const owner: StateOwner = { serverId: server.id, principalKey: principalKey(principal), method, params }
  const opened = await openState(env, owner, params)
  if (!opened) return refuse(id, BAD_STATE)

  const since = new Date()
  const hangUp = new AbortController()
  const stop = new AbortController()
  const { signal } = request
  signal.addEventListener('abort', () => hangUp.abort(), { once: true })
  const { state } = opened
  const asking: McpRequest = { id, method, params: opened.params, paramHeaders: sentParamHeaders(headers) }
  const asked: CallRequest = {
    server,
    version,
    principal,
    network: callerNetwork(headers),
    surface,
    tool,
    revision: MODERN,
    resourceMetadata: urls.resourceMetadata,
    signal: AbortSignal.any([hangUp.signal, stop.signal]),
    ...(state
      ? {
          claim: async () => ((await useRequestState(store, server.key, state)) ? undefined : BAD_STATE),
        }
      : {}),
  }
  const seal = (result: Record<string, unknown>) => sealState(env, owner, result)

  const given = answer(asking, asked, env, request)
  const quick = await Promise.race([given, scheduler.wait(PATIENCE_MS)])
  if (quick && 'result' in quick) return json({ jsonrpc: '2.0', id, result: await seal(quick.result) })
  if (quick && 'error' in quick) return refuse(id, quick.error)
  const stream = await orResponse(sealing(messagesOf(id, given), seal), quick ? PATIENCE_MS : 0)
  if ('messages' in stream) {
    const messages = untilRevoked(stream.messages, { request, message, tool, since, stop })
    return new Response(streamMessages(messages, { signal: hangUp.signal }), { headers: SSE_HEADERS })
  }
  return 'error' in stream.response ? refuse(id, stream.response.error) : json(stream.response)
}

function sentParamHeaders(headers: Headers): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, value] of headers) if (name.startsWith('mcp-param-')) found[name] = value
  return found
}

const BAD_STATE: JsonRpcError = {
  code: ErrorCode.invalidParams,
  message: 'requestState is not valid. It belongs to a different request, was used before, or is older than 15 minutes.',
}

interface Opened {
  /** Params with the hosted server's state in place of the sealed state. */
  params: Record<string, unknown>
  /** State to mark as used before the request runs. */
  state: OpenedState | undefined
}

/** Returns undefined if the request has a sealed state that does not open. */
async function openState(env: Env, owner: StateOwner, params: Record<string, unknown>): Promise<Opened | undefined> {
  const sealed = params['requestState']
  if (sealed === undefined) return { params, state: undefined }
  const state = typeof sealed === 'string' ? await openRequestState(env.SESSION_KEY, owner, sealed, new Date()) : undefined
  return state && { params: { ...params, requestState: state.state }, state }
}

async function sealState(env: Env, owner: StateOwner, result: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { resultType, requestState } = result
  if (resultType !== 'input_required' || typeof requestState !== 'string') return result
  return { ...result, requestState: await sealRequestState(env.SESSION_KEY, owner, requestState, new Date()) }
}

async function* sealing(
  messages: AsyncIterable<JsonRpcMessage>,
  seal: (result: Record<string, unknown>) => Promise<Record<string, unknown>>,
): AsyncGenerator<JsonRpcMessage, undefined> {
  for await (const message of messages) yield 'result' in message ? { ...message, result: await seal(message.result) } : message
}

/** Converts a source's answer, a stream or a single result, to messages. */
async function* messagesOf(id: JsonRpcId, given: Promise<Answer>): AsyncGenerator<JsonRpcMessage, undefined> {
  const settled = await given
  if ('messages' in settled) yield* settled.messages
  else yield { jsonrpc: '2.0', id, ...settled }
}

/**
 * Returns `response` if the response is the first message and arrives in time, so that no stream is
 * needed.
 */
async function orResponse(
  messages: AsyncGenerator<JsonRpcMessage, undefined>,
  milliseconds: number,
): Promise<{ response: JsonRpcResponse } | { messages: AsyncIterable<JsonRpcMessage> }> {
  const pending = messages.next()
  const first = await Promise.race([pending, scheduler.wait(milliseconds)])
  if (first && first.done !== true && isResponse(first.value)) return { response: first.value }
  const all = async function* (): AsyncGenerator<JsonRpcMessage, undefined> {
    try {
      const next = await pending
      if (next.done === true) return
      yield next.value
      yield* messages
    } finally {
      await messages.return(undefined)
    }
  }
  return { messages: all() }
}

function refuse(id: JsonRpcId, error: JsonRpcError): Response {
  return json({ jsonrpc: '2.0', id, error }, { status: statusOf(error.code) })
}
