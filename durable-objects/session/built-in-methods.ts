import { ErrorCode, methodNotFound } from '../../protocol/mcp/errors.ts'
import type { JsonRpcError } from '../../protocol/mcp/json-rpc.ts'
import { isLogLevel, LOG_LEVELS } from '../../protocol/mcp/log-level.ts'
import { MODERN_METHODS } from '../../protocol/mcp/revisions/2026-07-28.ts'
import type { PendingCall } from './call-log.ts'
import type { SessionRecord } from './record.ts'
import { hasCapability } from '../../protocol/mcp/capabilities.ts'

type Outcome = { result: Record<string, unknown> } | { error: JsonRpcError }

/**
 * Runs methods of the session itself, and refuses methods of other revisions. Returns undefined for
 * methods of the hosted server.
 */
export function runBuiltInMethod(record: SessionRecord, { method, params }: Pick<PendingCall, 'method' | 'params'>): Outcome | undefined {
  if (lacksCapability(method, record.initialized?.offered ?? {})) return { error: methodNotFound(method) }
  switch (method) {
    case 'ping':
      return { result: {} }
    case 'logging/setLevel':
      if (!isLogLevel(params['level'])) return invalidParams(`level must be one of ${LOG_LEVELS.join(', ')}.`)
      record.setLogLevel(params['level'])
      return { result: {} }
    case 'resources/subscribe':
    case 'resources/unsubscribe': {
      const { uri } = params
      if (typeof uri !== 'string' || uri.length > 2048 || !URL.canParse(uri))
        return invalidParams('uri must be a URI of at most 2,048 characters.')
      const refusal = method === 'resources/subscribe' ? record.subscribe(uri) : record.unsubscribe(uri)
      return refusal === undefined ? { result: {} } : invalidParams(refusal)
    }
    case 'server/discover':
    case 'subscriptions/listen':
      return { error: methodNotFound(method) }
    default:
      return MODERN_METHODS.has(method) ? undefined : { error: methodNotFound(method) }
  }
}

/** Returns true if the hosted server lacks the capability for a method. */
function lacksCapability(method: string, offered: Record<string, unknown>): boolean {
  if (method === 'logging/setLevel') return offered['logging'] === undefined
  return /^resources\/(?:un)?subscribe$/.test(method) && !hasCapability(offered, 'resources', 'subscribe')
}

function invalidParams(message: string): Outcome {
  return { error: { code: ErrorCode.invalidParams, message } }
}
