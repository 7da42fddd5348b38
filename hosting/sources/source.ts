import type { JsonRpcError, JsonRpcId, JsonRpcMessage } from '../../protocol/mcp/json-rpc.ts'
import type { Principal } from '../../protocol/principal.ts'
import type { HostedServer, VersionReference } from '../../store/servers/servers.ts'

/** One request of revision 2026-07-28: what every source answers and every transport asks. */
export interface McpRequest {
  id: JsonRpcId
  method: string
  /** With the revision's `_meta` complete, whatever revision the client speaks. */
  params: Record<string, unknown>
  /** `Mcp-Param-*` headers, already checked against the arguments. */
  paramHeaders: Record<string, string>
}

/** Names the call in the request to a hosted server's code, so that its console lines are found by the id its client quotes. */
export const CALL_ID_HEADER = 'wharf-call-id'

/** What running something needs of the request or object it runs in. */
export interface HostingContext {
  exports: Cloudflare.Exports
  waitUntil(promise: Promise<unknown>): void
}

/** Who asks whom, as the gates have established it: plain data, so it crosses to a Durable Object as it is. */
export interface Caller {
  server: HostedServer
  version: VersionReference
  principal: Principal
  /** The revision the client speaks. */
  revision: string
  /** RFC 9728 URL that a challenge names: of the form the client uses this server by. */
  resourceMetadata: string
}

/** Around one request, as a source sees it. */
export interface Call extends Pick<Caller, 'server' | 'version' | 'principal'> {
  /** Milliseconds since the epoch. */
  deadline: number
  /** Aborts when the caller cancels or the deadline passes; the source passes it on to the tool. */
  signal: AbortSignal
}

/**
 * `messages`: progress and log notifications as they happen, the response last. The reader cancels by returning the iterator, which also aborts the tool.
 */
export type Answer = { result: Record<string, unknown> } | { error: JsonRpcError } | { messages: AsyncIterable<JsonRpcMessage> }

/** What a version is made of, running. */
export interface Source {
  answer(request: McpRequest, call: Call): Promise<Answer>
}
