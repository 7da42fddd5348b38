import { z } from 'zod'
import { ErrorCode } from './errors.ts'
import type { JsonRpcError } from './json-rpc.ts'
import { isRecord } from '../record.ts'

/** Questions of a hosted server to its client (2026-07-28, multi round-trip requests). */
export interface InputRequired {
  /** Requests by a key of the server's choice. The client's response has the same key. */
  inputRequests: Record<string, InputRequest>
  requestState: string | undefined
}

export interface InputRequest {
  method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list'
  params: Record<string, unknown>
}

const shape = z.looseObject({
  inputRequests: z
    .record(
      z.string().max(500),
      z.looseObject({
        method: z.enum(['elicitation/create', 'sampling/createMessage', 'roots/list']),
        params: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .optional(),
  requestState: z.string().optional(),
})

const MAX_REQUESTS = 32

/**
 * Returns undefined for an invalid result: no requests and no state, more than 32 requests, or an
 * unknown method.
 */
export function parseInputRequired(result: Record<string, unknown>): InputRequired | undefined {
  const parsed = shape.safeParse(result)
  if (!parsed.success) return undefined
  const { inputRequests = {}, requestState } = parsed.data
  const count = Object.keys(inputRequests).length
  if ((count === 0 && requestState === undefined) || count > MAX_REQUESTS) return undefined
  return { inputRequests, requestState }
}

/**
 * Returns -32021 if the request did not declare a capability for the questions.
 * `requiredCapabilities` is a ClientCapabilities object.
 */
export function missingCapability({ inputRequests }: InputRequired, capabilities: unknown): JsonRpcError | undefined {
  const declared = isRecord(capabilities) ? capabilities : {}
  const required: Record<string, unknown> = {}
  for (const { method, params } of Object.values(inputRequests)) {
    if (method === 'roots/list' && !isRecord(declared['roots'])) required['roots'] = {}
    if (method === 'sampling/createMessage' && !isRecord(declared['sampling'])) required['sampling'] = {}
    if (method === 'elicitation/create') {
      const mode = params['mode'] === 'url' ? 'url' : 'form'
      const modes = declared['elicitation']
      // `elicitation: {}` means form mode
      const has = isRecord(modes) && (mode in modes || (mode === 'form' && Object.keys(modes).length === 0))
      if (!has) required['elicitation'] = { ...(isRecord(required['elicitation']) ? required['elicitation'] : {}), [mode]: {} }
    }
  }
  if (Object.keys(required).length === 0) return undefined
  const message = `The request must declare the client capabilities ${Object.keys(required).join(', ')}.`
  return { code: ErrorCode.missingClientCapability, message, data: { requiredCapabilities: required } }
}
