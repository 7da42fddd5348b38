import { isRecord } from '../record.ts'
import { methodNotFound } from './errors.ts'
import type { JsonRpcError } from './json-rpc.ts'

/** Returns true if server capabilities contain the capability with the flag set. */
export function hasCapability(capabilities: Record<string, unknown>, capability: string, flag: 'subscribe' | 'listChanged'): boolean {
  const flags = capabilities[capability]
  return isRecord(flags) && flags[flag] === true
}

/** Returns the name of the server capability of a method such as `tools/call`. */
export function capabilityOf(method: string): string {
  return method === 'completion/complete' ? 'completions' : method.slice(0, method.indexOf('/'))
}

/**
 * Returns the error for a request with malformed params. A method of a capability that the server
 * lacks does not exist, so its params are not judged.
 */
export function paramsError(method: string, error: JsonRpcError, capabilities: Record<string, unknown> | undefined): JsonRpcError {
  const isKnown = !capabilities || NEEDS_NONE.has(method) || capabilities[capabilityOf(method)] !== undefined
  return isKnown ? error : methodNotFound(method)
}

const NEEDS_NONE: ReadonlySet<string> = new Set(['server/discover', 'subscriptions/listen'])
