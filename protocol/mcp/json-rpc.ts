import { isRecord } from '../record.ts'

/**
 * Id of a JSON-RPC 2.0 message. MCP allows strings and integers, but not null. The platform allows
 * at most 256 bytes, because every event of a stream can repeat the id.
 */
export type JsonRpcId = string | number
const MAX_ID_BYTES = 256

export interface JsonRpcRequest {
  jsonrpc: '2.0'
  id: JsonRpcId
  method: string
  params?: Record<string, unknown>
}

export interface JsonRpcNotification {
  jsonrpc: '2.0'
  method: string
  params?: Record<string, unknown>
}

export interface JsonRpcError {
  code: number
  message: string
  data?: unknown
}

export interface JsonRpcSuccess {
  jsonrpc: '2.0'
  id: JsonRpcId
  result: Record<string, unknown>
}

export interface JsonRpcFailure {
  jsonrpc: '2.0'
  /** Absent if the request's id is unknown. */
  id?: JsonRpcId
  error: JsonRpcError
}

export type JsonRpcResponse = JsonRpcSuccess | JsonRpcFailure
export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResponse

export function isRequest(message: JsonRpcMessage): message is JsonRpcRequest {
  return 'method' in message && 'id' in message
}

export function isNotification(message: JsonRpcMessage): message is JsonRpcNotification {
  return 'method' in message && !('id' in message)
}

export function isResponse(message: JsonRpcMessage): message is JsonRpcResponse {
  return 'result' in message || 'error' in message
}

/** Thrown for a value other than a JSON-RPC message. The text is a clause without a period. */
export class JsonRpcFault extends Error {
  /** Id of the faulty message, if valid. */
  readonly id: JsonRpcId | undefined
  constructor(message: string, id?: JsonRpcId) {
    super(message)
    this.id = id
  }
}

/** Returns the value as a message without unknown members. Throws {@link JsonRpcFault}. */
export function parseJsonRpc(value: unknown): JsonRpcMessage {
  if (!isRecord(value)) throw new JsonRpcFault('a message must be a JSON object')
  const id = isId(value['id']) ? value['id'] : undefined
  if (value['jsonrpc'] !== '2.0') throw new JsonRpcFault('"jsonrpc" must be "2.0"', id)
  if ('id' in value && id === undefined) {
    const fault = typeof value['id'] === 'string' ? `have at most ${MAX_ID_BYTES} bytes` : 'be a string or an integer'
    throw new JsonRpcFault(`"id" must ${fault}`)
  }
  const { method, params, result, error } = value
  if (method !== undefined) {
    if (typeof method !== 'string' || method === '') throw new JsonRpcFault('"method" must be a string', id)
    if (params !== undefined && !isRecord(params)) throw new JsonRpcFault('"params" must be an object', id)
    const parameters = params === undefined ? {} : { params }
    return id === undefined ? { jsonrpc: '2.0', method, ...parameters } : { jsonrpc: '2.0', id, method, ...parameters }
  }
  if (isRecord(result) && error === undefined && id !== undefined) return { jsonrpc: '2.0', id, result }
  if (isRecord(error) && result === undefined) {
    const { code, message, data } = error
    if (typeof code !== 'number' || !Number.isInteger(code)) throw new JsonRpcFault('"error.code" must be an integer', id)
    if (typeof message !== 'string') throw new JsonRpcFault('"error.message" must be a string', id)
    return { jsonrpc: '2.0', ...(id === undefined ? {} : { id }), error: { code, message, ...(data === undefined ? {} : { data }) } }
  }
  throw new JsonRpcFault('a message must be a request, a notification or a response', id)
}

export function isId(value: unknown): value is JsonRpcId {
  if (typeof value !== 'string') return Number.isSafeInteger(value)
  // a character has at most 3 bytes per UTF-16 unit
  return value.length * 3 <= MAX_ID_BYTES || (value.length <= MAX_ID_BYTES && new TextEncoder().encode(value).length <= MAX_ID_BYTES)
}

/** Returns the id of the request, or undefined if there are several requests or none. */
export function onlyIdOf(messages: JsonRpcMessage[]): JsonRpcId | undefined {
  const [only, another] = messages.filter(isRequest)
  return another ? undefined : only?.id
}
