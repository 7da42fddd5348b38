import { ErrorCode } from '../../protocol/mcp/errors.ts'
import { withServedExtensions } from '../../protocol/mcp/extensions.ts'
import { isResponse, type JsonRpcError, type JsonRpcMessage, type JsonRpcResponse } from '../../protocol/mcp/json-rpc.ts'
import { targetOf } from '../../protocol/mcp/revisions/2026-07-28.ts'
import type { HostedServer } from '../../store/servers/servers.ts'
import { recordLines } from '../activity/record.ts'
import { internalError } from '../sources/code/tenant-response.ts'
import { sourceOf } from '../sources/registry.ts'
import type { Answer, HostingContext, McpRequest } from '../sources/source.ts'
import type { CallRequest } from './call-request.ts'
import { demandScopes, isGranted } from './policy.ts'
import { present, type Presentation, type ResultFault } from './present.ts'
import { BURST, PER_SECOND, takeNotification } from './notification-limit.ts'
import { ELICITATION_COMPLETE } from '../../protocol/mcp/input-required.ts'
import { hasUrlElicitation } from '../../protocol/mcp/revisions/served.ts'
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
    const asked = { ...request, params: withServedExtensions(request.params) }
    const given = await sourceOf(version, { env, ctx }).answer(asked, { server, principal, signal, surface })
    const presentation: Presentation = { request, call, fault: (reason) => recordFault(reason, { request, server }, env, ctx) }
    if ('messages' in given) return { messages: relay(given.messages, running, presentation) }
    const shown = 'result' in given ? present(given.result, presentation) : given
    running.finish(shown)
    return shown
  } catch (error) {
    running.finish({ error: { code: ErrorCode.internalError, message: '' } })
    throw error
  }
}

/** Writes a fault of the hosted server to the tenant's log. Returns the error for the client. */
function recordFault(
  { detail, shown }: ResultFault,
  { request: { method, params }, server }: { request: McpRequest; server: HostedServer },
  env: Env,
  ctx: HostingContext,
): JsonRpcError {
  const correlationId = crypto.randomUUID()
  const message = `${[method, targetOf(method, params) ?? ''].join(' ').trim()}: ${detail}`
  recordLines(server, [{ at: Date.now(), level: 'error', origin: 'platform', message, correlationId }], env, ctx)
  return internalError(correlationId, shown)
}

/** Messages of a call before other requests have their turn. */
const MESSAGES_A_TURN = 50

/** Yields each message of the source. The call ends with the response, or when the reader stops. */
async function* relay(
  messages: AsyncIterable<JsonRpcMessage>,
  running: RunningCall,
  presentation: Presentation,
): AsyncGenerator<JsonRpcMessage, undefined> {
  const { server, revision } = presentation.call
  let dropped = 0
  let relayed = 0
  try {
    for await (const message of messages) {
      if (!isResponse(message)) {
        // a chunk can hold thousands of messages, and other requests would wait
        if (++relayed % MESSAGES_A_TURN === 0) await scheduler.wait(0)
        if ('method' in message && message.method === 'notifications/progress') running.extend()
        if ('method' in message && message.method === ELICITATION_COMPLETE && !hasUrlElicitation(revision)) continue
        if (takeNotification(server.id, Date.now())) yield message
        else dropped++
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
    if (dropped > 0)
      running.note(`${dropped} notifications of a call were dropped. A hosted server may send ${BURST} at once and ${PER_SECOND} a second.`)
  }
}
