import { z } from 'zod'
import { ErrorCode } from './errors.ts'
import type { JsonRpcError } from './json-rpc.ts'
import { isRecord } from '../record.ts'

/** A hosted server's question to its caller (2026-07-28, multi round-trip requests). */
export interface InputRequired {
  /** By a key of the server's choosing, under which the answer comes back. */
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

/** Undefined for what is no question the protocol knows: neither requests nor state, too many, or another method. */
export function parseInputRequired(result: Record<string, unknown>): InputRequired | undefined {
  const parsed = shape.safeParse(result)
  if (!parsed.success) return undefined
  const { inputRequests = {}, requestState } = parsed.data
  const count = Object.keys(inputRequests).length
  if ((count === 0 && requestState === undefined) || count > MAX_REQUESTS) return undefined
  return { inputRequests, requestState }
}

/** The -32021 a question earns whose client did not declare what it needs, on this very request; `requiredCapabilities` is a ClientCapabilities object. */
export function missingCapability({ inputRequests }: InputRequired, capabilities: unknown): JsonRpcError | undefined {
  const declared = isRecord(capabilities) ? capabilities : {}
  const required: Record<string, unknown> = {}
  for (const { method, params } of Object.values(inputRequests)) {
    if (method === 'roots/list' && !isRecord(declared['roots'])) required['roots'] = {}
    if (method === 'sampling/createMessage' && !isRecord(declared['sampling'])) required['sampling'] = {}
    if (method === 'elicitation/create') {
      const mode = params['mode'] === 'url' ? 'url' : 'form'
      const modes = declared['elicitation']
      // bare `elicitation: {}` means form
      const has = isRecord(modes) && (mode in modes || (mode === 'form' && Object.keys(modes).length === 0))
      if (!has) required['elicitation'] = { ...(isRecord(required['elicitation']) ? required['elicitation'] : {}), [mode]: {} }
    }
  }
  if (Object.keys(required).length === 0) return undefined
  const message = `This needs the client capabilities ${Object.keys(required).join(', ')}, which this request did not declare.`
  return { code: ErrorCode.missingClientCapability, message, data: { requiredCapabilities: required } }
}
