import type { Caller } from '../../hosting/sources/source.ts'
import { ErrorCode, McpError } from '../../protocol/mcp/errors.ts'
import type { LegacyInbound } from '../../protocol/mcp/inbound.ts'
import { isRequest, type JsonRpcRequest } from '../../protocol/mcp/json-rpc.ts'
import { boundClient, MAX_CLIENT } from '../../protocol/mcp/client-info.ts'
import { parseParams } from '../../protocol/mcp/params.ts'
import { isLegacyRevision, SERVED_REVISIONS } from '../../protocol/mcp/revisions/served.ts'
import { isSessionIdOf, isSessionIdSyntax, mintSessionId, sessionEnded, type SessionOwner } from '../../protocol/mcp/session-id.ts'
import { principalKey } from '../../protocol/principal.ts'
import type { VersionReference } from '../../store/servers/servers.ts'
import type { BearerRequest } from '../request.ts'
import { callerNetwork } from '../caller-network.ts'
import { json } from '../responses.ts'
import { subscriberOf } from './subscriber.ts'

/**
 * Checks requests of session-bearing revisions as far as no session state is needed, then passes
 * them to the session's Durable Object.
 */
export async function session(request: BearerRequest, inbound: LegacyInbound, version: VersionReference): Promise<Response> {
  const { server, principal, urls, env } = request
  const caller: Caller = {
    server,
    version,
    principal,
    network: callerNetwork(request.headers),
    revision: inbound.protocolVersion ?? '',
    resourceMetadata: urls.resourceMetadata,
  }
  const owner: SessionOwner = { ...server.key, principalKey: principalKey(principal) }
  const { protocolVersion, sessionId, messages, batch } = inbound

  const initialize = messages.find((message): message is JsonRpcRequest => isRequest(message) && message.method === 'initialize')
  if (initialize && sessionId === undefined) {
    if (batch) throw new McpError(400, ErrorCode.invalidRequest, 'initialize must not be part of a batch.', { id: initialize.id })
    return start(request, initialize, caller, owner)
  }

  if (protocolVersion !== undefined && !isLegacyRevision(protocolVersion)) {
    throw new McpError(400, ErrorCode.invalidRequest, `MCP-Protocol-Version is not one of ${SERVED_REVISIONS.join(', ')}.`)
  }
  if (sessionId === undefined) {
    throw new McpError(400, ErrorCode.invalidRequest, 'Mcp-Session-Id is missing. Send initialize, then use the id of its response.')
  }
  if (!isSessionIdSyntax(sessionId)) throw new McpError(400, ErrorCode.invalidRequest, 'Mcp-Session-Id is malformed.')
  // an id that was not issued to this principal must not start a Durable Object
  if (!(await isSessionIdOf(env.SESSION_KEY, owner, sessionId))) throw sessionEnded()

  const object = env.MCP_SESSION.getByName(`${server.id}:${sessionId}`)
  if (inbound.method === 'GET') return object.get({ lastEventId: inbound.lastEventId }, caller)
  if (inbound.method === 'DELETE') return object.delete(caller)
  return object.post(messages, { batch }, caller)
}

async function start(request: BearerRequest, initialize: JsonRpcRequest, caller: Caller, owner: SessionOwner): Promise<Response> {
  const { env } = request
  const { id } = initialize
  const parsed = parseParams(initialize.method, initialize.params ?? {})
  if ('error' in parsed) return json({ jsonrpc: '2.0', id, ...parsed })
  const params = boundClient(parsed.params)
  if (!params) {
    const message = `clientInfo and capabilities must each have at most ${MAX_CLIENT} characters of JSON.`
    return json({ jsonrpc: '2.0', id, error: { code: ErrorCode.invalidParams, message } })
  }
  const subscriber = subscriberOf(request)
  const sessionId = await mintSessionId(env.SESSION_KEY, owner)
  const name = `${owner.serverId}:${sessionId}`
  const hub = env.SUBSCRIPTION_HUB.getByName(owner.serverId)
  await hub.attach(name, subscriber)
  const response = await env.MCP_SESSION.getByName(name).initialize({ ...initialize, params }, caller, {
    name,
    countedAs: subscriber.principalKey,
  })
  if ('error' in response) {
    await hub.detach(name)
    return json(response)
  }
  return json(response, { headers: { 'Mcp-Session-Id': sessionId } })
}
