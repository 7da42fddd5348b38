import { ErrorCode } from '../../protocol/mcp/errors.ts'
import { isResponse, type JsonRpcMessage, type JsonRpcResponse } from '../../protocol/mcp/json-rpc.ts'
import { targetOf } from '../../protocol/mcp/revisions/2026-07-28.ts'
import { sourceOf } from '../sources/registry.ts'
import type { Answer, HostingContext, McpRequest } from '../sources/source.ts'
import type { CallRequest } from './call-request.ts'
import { demandScopes, isGranted } from './policy.ts'
import { present } from './present.ts'
import { RunningCall } from './running-call.ts'

/**
 * Runs one request at a hosted server. Checks policy first, enforces the deadline and the
 * concurrency limit, and records the call. Throws an OAuthError with a challenge if the principal
 * lacks a scope, and an McpError (503) if the hosted server runs too many calls.
 */
export async function answer(request: McpRequest, call: CallRequest, env: Env, ctx: HostingContext): Promise<Answer> {
  const { server, version, principal } = call
  if (request.method === 'tools/call' && !isGranted(principal, request.params['name'])) {
    const name = targetOf(request.method, request.params) ?? 'without a name'
    return { error: { code: ErrorCode.invalidParams, message: `Unknown tool: ${name.slice(0, 200)}` } }
  }
  demandScopes(request, call)

  const running = new RunningCall(request, call, env, ctx)
  try {
    const spent = await call.claim?.()
    if (spent) {
      running.finish({ error: spent })
      return { error: spent }
    }
    const { signal } = running
    const { surface } = call
    const given = await sourceOf(version, { env, ctx }).answer(request, { server, principal, signal, surface })
    if ('messages' in given) return { messages: relay(given.messages, { request, call, running }) }
    const shown = 'result' in given ? present(given.result, { request, call }) : given
    running.finish(shown)
    return shown
  } catch (error) {
    running.finish({ error: { code: ErrorCode.internalError, message: '' } })
    throw error
  }
}

interface Relayed {
  request: McpRequest
  call: CallRequest
  running: RunningCall
}

/** Yields each message of the source. The call ends with the response, or when the reader stops. */
async function* relay(
  messages: AsyncIterable<JsonRpcMessage>,
  { running, ...presentation }: Relayed,
): AsyncGenerator<JsonRpcMessage, undefined> {
  try {
    for await (const message of messages) {
      if (!isResponse(message)) {
        if ('method' in message && message.method === 'notifications/progress') running.extend()
        yield message
      } else {
        const shown: JsonRpcResponse =
          'result' in message ? { jsonrpc: '2.0', id: message.id, ...present(message.result, presentation) } : message
        running.finish(shown)
        yield shown
        return
      }
    }
  } finally {
    running.finish(undefined)
  }
}
