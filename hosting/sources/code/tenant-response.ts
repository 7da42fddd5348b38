import { BodyTooLarge, readBoundedText } from '../../../protocol/http/bounded-body.ts'
import { ErrorCode } from '../../../protocol/mcp/errors.ts'
import {
  isRequest,
  isResponse,
  JsonRpcFault,
  parseJsonRpc,
  type JsonRpcError,
  type JsonRpcMessage,
} from '../../../protocol/mcp/json-rpc.ts'
import { readEvents, SSE_MEDIA_TYPE } from '../../../protocol/mcp/sse.ts'
import { JsonFault, parseStrictJson } from '../../../protocol/http/strict-json.ts'
import type { Answer, McpRequest } from '../source.ts'
import { isRecord } from '../../../protocol/record.ts'
import { MetaKey } from '../../../protocol/mcp/meta.ts'
import { isAtLeast, isLogLevel } from '../../../protocol/mcp/log-level.ts'
import { mediaTypeOf } from '../../../protocol/http/body.ts'

/** What a hosted server's code did wrong, told to its developers. */
export class TenantFault extends Error {}

/** Everything one answer may amount to, a stream's notifications included. */
const MAX_BYTES = 4 * 1024 * 1024
const BOUNDS = { maxDepth: 64, maxNodes: 500_000 }

/** What the client is told when the hosted server failed: nothing but where its owner finds the reason. */
export function internalError(correlationId: string): JsonRpcError {
  return {
    code: ErrorCode.internalError,
    message: `The server failed to answer. Its owner finds the reason in its log under ${correlationId}.`,
    data: { correlationId },
  }
}

interface Reading {
  request: McpRequest
  /** Logs what went wrong and answers what the client is told. */
  fault(error: unknown): JsonRpcError
  /** A line for the tenant's log about something that does not stop the call. */
  note(message: string): void
  /** Cancels the request the code is answering. */
  stop(): void
}

/**
 * Tenant's Response -> answer. Its status and headers are never passed on, so no code of a tenant's can challenge, redirect or set a cookie; the bytes are
 * parsed under our bounds, and only what the protocol lets a server say to this request is kept.
 */
export async function readTenantResponse(response: Response, reading: Reading): Promise<Answer> {
  const type = mediaTypeOf(response.headers)
  if (type === SSE_MEDIA_TYPE && response.body) return { messages: new Messages(response.body, reading) }

  let body: string
  try {
    body = await readBoundedText(response.body, MAX_BYTES)
  } catch (error) {
    if (error instanceof BodyTooLarge) throw new TenantFault(`its answer is larger than ${MAX_BYTES} bytes`, { cause: error })
    throw error
  }
  if (type !== 'application/json') {
    throw new TenantFault(`it answered ${response.status} with ${type || 'no content type'} where JSON-RPC was expected${excerpt(body)}`)
  }
  const message = parseMessage(body, reading.request)
  if (!isResponse(message))
    throw new TenantFault(`it answered with a ${'id' in message ? 'request' : 'notification'} where the response was expected`)
  return 'result' in message ? { result: message.result } : { error: publicError(message.error, reading.fault) }
}

/** What an SDK makes of a throw: its text may hold anything, so it is the tenant's to read and the client gets the id, as for a throw that reached us. */
function publicError(error: JsonRpcError, fault: Reading['fault']): JsonRpcError {
  return error.code === ErrorCode.internalError ? fault(new TenantFault(`it answered -32603: ${error.message}`)) : error
}

function excerpt(body: string): string {
  return body === '' ? '' : `: ${body.slice(0, 500)}`
}

/** A stream's messages, one read at a time: what the reader does not ask for stays in the tenant's hands. Ends with the response, or an error in its place. */
class Messages implements AsyncIterableIterator<JsonRpcMessage> {
  readonly #messages: AsyncGenerator<JsonRpcMessage>
  readonly #stop: () => void

  constructor(body: ReadableStream<Uint8Array>, reading: Reading) {
    this.#messages = read(body, reading)
    this.#stop = reading.stop
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<JsonRpcMessage, undefined>> {
    return this.#messages.next()
  }

  /** Cancels even while a read is pending, which a generator alone would wait for. */
  async return(): Promise<IteratorResult<JsonRpcMessage, undefined>> {
    this.#stop()
    await this.#messages.return(undefined)
    return { done: true, value: undefined }
  }
}

async function* read(body: ReadableStream<Uint8Array>, { request, fault, note }: Reading): AsyncGenerator<JsonRpcMessage, undefined> {
  try {
    for await (const data of readEvents(body, MAX_BYTES)) {
      const message = parseMessage(data, request)
      if (isResponse(message)) {
        yield 'error' in message ? { ...message, error: publicError(message.error, fault) } : message
        return undefined
      }
      if (isRequest(message)) {
        throw new TenantFault(
          `it sent the request ${message.method} to its client, which is not possible from a stateless server: return inputRequired({ … }) instead`,
        )
      }
      if (belongs(message, request)) yield message
      else note(`${request.method}: the notification ${message.method} was dropped: it does not belong to this request`)
    }
    throw new TenantFault('its stream ended without a response')
  } catch (error) {
    const reason = error instanceof BodyTooLarge ? new TenantFault(`its stream is larger than ${MAX_BYTES} bytes`) : error
    yield { jsonrpc: '2.0', id: request.id, error: fault(reason) }
    return undefined
  }
}

/** Only progress under the request's own token, and log messages it asked for, may come before its response. */
function belongs({ method, params }: { method: string; params?: Record<string, unknown> }, request: McpRequest): boolean {
  const meta = (request.params['_meta'] ?? {}) as Record<string, unknown>
  if (method === 'notifications/progress') return meta['progressToken'] !== undefined && params?.['progressToken'] === meta['progressToken']
  if (method !== 'notifications/message') return false
  const threshold = meta[MetaKey.logLevel]
  return isLogLevel(threshold) && isAtLeast(params?.['level'], threshold)
}

function parseMessage(text: string, { id }: McpRequest): JsonRpcMessage {
  const message = parseLenient(text)
  if (!isResponse(message)) return message
  if ('error' in message ? message.id !== undefined && message.id !== id : message.id !== id) {
    throw new TenantFault("it answered another request's id")
  }
  return { ...message, id }
}

/** Drops null members first, because serializers of several languages write null for an absent member. */
function parseLenient(text: string): JsonRpcMessage {
  const value = parse(text)
  try {
    return parseJsonRpc(isRecord(value) ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) : value)
  } catch (error) {
    if (error instanceof JsonRpcFault)
      throw new TenantFault(`it answered with an invalid JSON-RPC message: ${error.message}${excerpt(text)}`, { cause: error })
    throw error
  }
}

function parse(text: string): unknown {
  try {
    return parseStrictJson(text, BOUNDS)
  } catch (error) {
    if (error instanceof JsonFault) throw new TenantFault(`its response ${error.message}${excerpt(text)}`, { cause: error })
    throw error
  }
}
