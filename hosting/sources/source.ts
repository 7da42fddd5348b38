import type { JsonRpcError, JsonRpcId, JsonRpcMessage } from '../../protocol/mcp/json-rpc.ts'
import type { Finding, Surface } from '../../protocol/versions/surface.ts'
import type { Principal } from '../../protocol/principal.ts'
import type { HostedServer, VersionReference } from '../../store/servers/servers.ts'
import type { LogLine } from '../activity/record.ts'

/** A request of revision 2026-07-28, made by every transport and answered by every source. */
export interface McpRequest {
  id: JsonRpcId
  method: string
  /** Has the complete `_meta` of the revision, also for clients of older revisions. */
  params: Record<string, unknown>
  /** `Mcp-Param-*` headers, already checked against the arguments. */
  paramHeaders: Record<string, string>
}

/**
 * Header with the correlation id in requests to tenant code. Connects console lines to the call.
 */
export const CALL_ID_HEADER = 'wharf-call-id'

/** The part of an execution context used by hosting. */
export interface HostingContext {
  exports: Cloudflare.Exports
  waitUntil(promise: Promise<unknown>): void
}

/**
 * Caller, hosted server and version, as established by the gates. Plain data, sent to Durable
 * Objects.
 */
export interface Caller {
  server: HostedServer
  version: VersionReference
  principal: Principal
  /** Network of the request, which tells anonymous callers apart. */
  network?: string
  /** Protocol revision of the client. */
  revision: string
  /** RFC 9728 URL for challenges, by path or by host like the client's URL. */
  resourceMetadata: string
}

/** One call as a source sees it. */
export interface Call extends Pick<Caller, 'server' | 'principal'> {
  /**
   * Aborts when the client cancels the call or the deadline passes. The reason of a passed deadline
   * is a `TimeoutError` with a text for the caller.
   */
  signal: AbortSignal
  surface: Surface | undefined
}

/**
 * Result of a request. `messages` are progress and log notifications, with the response last.
 * Returning the iterator cancels the call.
 */
export type Answer = { result: Record<string, unknown> } | { error: JsonRpcError } | { messages: AsyncIterable<JsonRpcMessage> }

/** Answers the requests of one version. */
export interface Source {
  answer(request: McpRequest, call: Call): Promise<Answer>
  /**
   * Returns the surface declared by the version's data. The probe asks sources without this method.
   */
  declareSurface?(server: HostedServer): Promise<{ surface: Surface; findings: Finding[] }>
  /** Explains a failure to the developer, if the detail shows that the version did not start. */
  explainFailure?(detail: string): Finding | undefined
}

/** Dependencies of a source. */
export interface SourceContext {
  env: Env
  ctx: HostingContext
  /** Receives the details of failures. The default is the hosted server's log. */
  log?: (server: HostedServer, line: LogLine) => void
}
