import type { JsonRpcId } from './json-rpc.ts'

/** JSON-RPC 2.0 and MCP 2026-07-28 error codes. -32002 and -32042 exist only for clients of earlier revisions. */
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
} as const

/** HTTP statuses of errors (2026-07-28). */
const STATUS: Record<number, number> = {
  [ErrorCode.methodNotFound]: 404,
  [ErrorCode.headerMismatch]: 400,
  [ErrorCode.missingClientCapability]: 400,
  [ErrorCode.unsupportedProtocolVersion]: 400,
}

/** Returns 200 for other codes, because faults in the params of a tool or prompt are an ordinary response. */
export function statusOf(code: number): number {
  return STATUS[code] ?? 200
}

/** A failure at an MCP endpoint: the HTTP status and the JSON-RPC error it carries. The message is for the client's developer; the cause for the log only. */
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

  /** Its wire form. An id that could not be read is left out, since this schema has no null id. */
  toResponse(): Response {
    const error = { code: this.code, message: this.message, ...(this.data === undefined ? {} : { data: this.data }) }
    const body = { jsonrpc: '2.0', ...(this.id === undefined ? {} : { id: this.id }), error }
    return Response.json(body, { status: this.status, headers: this.headers })
  }
}

/** Returns the error for a header that is missing or differs from the body (2026-07-28, standard headers). */
export function headerMismatch(message: string, id: JsonRpcId): McpError {
  return new McpError(statusOf(ErrorCode.headerMismatch), ErrorCode.headerMismatch, message, { id })
}
