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
import { ELICITATION_COMPLETE } from '../../../protocol/mcp/input-required.ts'
import { isAtLeast, isLogLevel } from '../../../protocol/mcp/log-level.ts'
import { mediaTypeOf } from '../../../protocol/http/body.ts'

/** A fault of a hosted server's code. The message is for the developers' log. */
export class TenantFault extends Error {
  /** Sentences for the caller, because the caller can act on a limit. Without secrets. */
  readonly shown: string | undefined
  constructor(message: string, { cause, shown }: { cause?: unknown; shown?: string } = {}) {
    super(message, { cause })
    this.shown = shown
  }
}

/** Limit of a response, or of all messages of a stream. */
const MAX_BYTES = 4 * 1024 * 1024
const BOUNDS = { maxDepth: 64 }

/**
 * Error for the client of a failed hosted server. The reason stays in the tenant's log, except
 * `shown`.
 */
export function internalError(correlationId: string, shown = 'The hosted server failed.'): JsonRpcError {
  return {
    code: ErrorCode.internalError,
    message: `${shown} The owner finds the reason in the log under ${correlationId}.`,
    data: { correlationId },
  }
}

interface Reading {
  request: McpRequest
  /** Logs the fault and returns the error for the client. */
  fault(error: unknown): JsonRpcError
  /** Adds a line to the tenant's log. */
  note(message: string): void
  /** Cancels the request to the code. */
  stop(): void
}

/**
 * Parses a tenant's Response. Ignores status and headers, so that tenant code cannot challenge,
 * redirect or set a cookie. Keeps only messages that the protocol allows for the request.
 */
export async function readTenantResponse(response: Response, reading: Reading): Promise<Answer> {
  const type = mediaTypeOf(response.headers)
  if (type === SSE_MEDIA_TYPE && response.body) return { messages: new Messages(response.body, reading) }

  let body: string
  try {
    body = await readBoundedText(response.body, MAX_BYTES)
  } catch (error) {
    if (error instanceof BodyTooLarge) throw tooLarge('response', error)
    throw error
  }
  if (type !== 'application/json') {
    throw new TenantFault(`the response has status ${response.status} and ${type || 'no content type'} instead of JSON-RPC${excerpt(body)}`)
  }
  const message = parseMessage(body, reading.request)
  if (!isResponse(message))
    throw new TenantFault(`the response body is a ${'id' in message ? 'request' : 'notification'} instead of a response`)
  return 'result' in message ? { result: message.result } : { error: publicError(message.error, reading.fault) }
}

/** Hides the text of an internal error, because an SDK puts the text of any exception there. */
function publicError(error: JsonRpcError, fault: Reading['fault']): JsonRpcError {
  return error.code === ErrorCode.internalError ? fault(new TenantFault(`the response is the error -32603: ${error.message}`)) : error
}

function tooLarge(subject: 'response' | 'stream', cause: BodyTooLarge): TenantFault {
  const fault = `the ${subject} is larger than ${MAX_BYTES} bytes`
  return new TenantFault(fault, { cause, shown: `The response of the hosted server is larger than the limit of ${MAX_BYTES} bytes.` })
}

function excerpt(body: string): string {
  return body === '' ? '' : `: ${body.slice(0, 500)}`
}

/** Messages of a stream, read one at a time. The last message is the response or an error. */
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

  /** Cancels also during a pending read; a generator alone would wait for the read. */
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
          `the code sent the request ${message.method} to the client, which is not possible from a stateless server: return inputRequired({ … }) instead`,
        )
      }
      if (belongs(message, request)) yield message
      else note(`${request.method}: the notification ${message.method} was dropped, because the request does not allow it`)
    }
    throw new TenantFault('the stream ended without a response')
  } catch (error) {
    const reason = error instanceof BodyTooLarge ? tooLarge('stream', error) : error
    yield { jsonrpc: '2.0', id: request.id, error: fault(reason) }
    return undefined
  }
}

/**
 * Allows the end of an elicitation, progress with the request's token, and log messages at or above
 * the requested level.
 */
function belongs({ method, params }: { method: string; params?: Record<string, unknown> }, request: McpRequest): boolean {
  const meta = (request.params['_meta'] ?? {}) as Record<string, unknown>
  if (method === 'notifications/progress') return meta['progressToken'] !== undefined && params?.['progressToken'] === meta['progressToken']
  if (method === ELICITATION_COMPLETE) return typeof params?.['elicitationId'] === 'string'
  if (method !== 'notifications/message') return false
  const threshold = meta[MetaKey.logLevel]
  return isLogLevel(threshold) && isAtLeast(params?.['level'], threshold)
}

function parseMessage(text: string, { id }: McpRequest): JsonRpcMessage {
  const message = parseLenient(text)
  if (!isResponse(message)) return message
  if ('error' in message ? message.id !== undefined && message.id !== id : message.id !== id) {
    throw new TenantFault('the response has the id of another request')
  }
  return { ...message, id }
}

/**
 * Drops null members first, because serializers of several languages write null for an absent
 * member.
 */
function parseLenient(text: string): JsonRpcMessage {
  const value = parse(text)
  try {
    return parseJsonRpc(isRecord(value) ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) : value)
  } catch (error) {
    if (error instanceof JsonRpcFault)
      throw new TenantFault(`the response is no valid JSON-RPC message: ${error.message}${excerpt(text)}`, { cause: error })
    throw error
  }
}

function parse(text: string): unknown {
  try {
    return parseStrictJson(text, BOUNDS)
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error
    const shown = error.syntax ? {} : { shown: `The response of the hosted server ${error.message}.` }
    throw new TenantFault(`the response ${error.message}${excerpt(text)}`, { cause: error, ...shown })
  }
}
