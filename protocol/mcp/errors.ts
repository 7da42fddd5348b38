import type { JsonRpcError, JsonRpcId } from './json-rpc.ts'

/**
 * Error codes of JSON-RPC 2.0 and MCP 2026-07-28. -32002 is sent to clients of earlier revisions
 * only.
 */
export const ErrorCode = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  headerMismatch: -32020,
  missingClientCapability: -32021,
  unsupportedProtocolVersion: -32022,
  resourceNotFound: -32002,
  /** Revision 2025-11-25 only. */
  urlElicitationRequired: -32042,
} as const

/** HTTP statuses of errors (2026-07-28). */
const STATUS: Record<number, number> = {
  [ErrorCode.methodNotFound]: 404,
  [ErrorCode.headerMismatch]: 400,
  [ErrorCode.missingClientCapability]: 400,
  [ErrorCode.unsupportedProtocolVersion]: 400,
}

/**
 * Returns the HTTP status of an error. Faults in the params of a tool or prompt are an ordinary
 * response with status 200.
 */
export function statusOf(code: number): number {
  return STATUS[code] ?? 200
}

/**
 * Error response of an MCP endpoint. The client receives the message; only the log receives the
 * cause.
 */
export class McpError extends Error {
  readonly status: number
  readonly code: number
  readonly data: unknown
  readonly id: JsonRpcId | undefined
  readonly headers: Record<string, string>
  constructor(
    status: number,
    code: number,
    message: string,
    options: { data?: unknown; id?: JsonRpcId | undefined; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.status = status
    this.code = code
    this.data = options.data
    this.id = options.id
    this.headers = options.headers ?? {}
  }

  /** Returns the error with the id of the refused request, unless the error has an id. */
  withId(id: JsonRpcId | undefined): McpError {
    const { status, code, message, data, headers, cause } = this
    return this.id === undefined ? new McpError(status, code, message, { data, id, headers, cause }) : this
  }

  /**
   * Returns the JSON-RPC response. The id is absent if unknown, because MCP does not allow a null
   * id.
   */
  toResponse(): Response {
    const error = { code: this.code, message: this.message, ...(this.data === undefined ? {} : { data: this.data }) }
    const body = { jsonrpc: '2.0', ...(this.id === undefined ? {} : { id: this.id }), error }
    return Response.json(body, { status: this.status, headers: this.headers })
  }
}

/**
 * Returns the error for a header that is missing or differs from the body (2026-07-28, standard
 * headers).
 */
export function headerMismatch(message: string, id: JsonRpcId): McpError {
  return new McpError(statusOf(ErrorCode.headerMismatch), ErrorCode.headerMismatch, message, { id })
}

export function methodNotFound(method: string): JsonRpcError {
  return { code: ErrorCode.methodNotFound, message: `Method not found: ${method.slice(0, 100)}` }
}
