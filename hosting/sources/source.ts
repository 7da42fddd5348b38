import type { JsonRpcError, JsonRpcId, JsonRpcMessage } from '../../protocol/mcp/json-rpc.ts'
import type { Finding, Surface } from '../../protocol/versions/surface.ts'
import type { Principal } from '../../protocol/principal.ts'
import type { HostedServer, VersionReference } from '../../store/servers/servers.ts'
import type { LogLine } from '../activity/record.ts'

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

/** One call as a source sees it. */
export interface Call extends Pick<Caller, 'server' | 'principal'> {
  /** Milliseconds since the epoch. */
  deadline: number
  /** Aborts when the caller cancels or the deadline passes; the source passes it on to the tool. */
  signal: AbortSignal
  surface: Surface | undefined
}

/**
 * `messages`: progress and log notifications as they happen, the response last. The reader cancels by returning the iterator, which also aborts the tool.
 */
export type Answer = { result: Record<string, unknown> } | { error: JsonRpcError } | { messages: AsyncIterable<JsonRpcMessage> }

/** Answers the requests of one version. */
export interface Source {
  answer(request: McpRequest, call: Call): Promise<Answer>
  /** Returns the surface if the version declares its surface as data. The probe asks all other sources. */
  declareSurface?(server: HostedServer): Promise<{ surface: Surface; findings: Finding[] }>
  /** Explains to the developer why the version did not start, if the detail of a failed answer says so. */
  explainFailure?(detail: string): Finding | undefined
}

/** Everything a source may use beside its version. */
export interface SourceContext {
  env: Env
  ctx: HostingContext
  /** Receives the details of failures. The default is the hosted server's log. */
  log?: (server: HostedServer, line: LogLine) => void
}
