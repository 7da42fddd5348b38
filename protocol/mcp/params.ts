import { z } from 'zod'
import { isRecord } from '../record.ts'
import { ErrorCode } from './errors.ts'
import { isId, type JsonRpcError } from './json-rpc.ts'

/*
 * Types of request params, for every method and revision. Checked before policy, headers and
 * records read the params, because code that judges strings must never see another type.
 */

/** Not `z.record`, because the members belong to the hosted server and may be many. */
const object = z.custom<Record<string, unknown>>(isRecord, 'must be an object')
/** Bounded like an id, because every progress notification repeats the token. */
export const progressToken = z.custom<string | number>(isId, 'must be an integer, or a string of at most 256 bytes')

const MAX_RESPONSES = 32
const FEW = `must have at most ${MAX_RESPONSES} responses`

function isFew(responses: Record<string, unknown>): boolean {
  return Object.keys(responses).length <= MAX_RESPONSES
}

/** Params that any request can have. */
const COMMON = {
  _meta: z.looseObject({ progressToken: progressToken.optional() }).optional(),
  requestState: z.string().optional(),
  // counted first, because the schema builds a fault for each invalid response
  inputResponses: z
    .custom<Record<string, unknown>>(isRecord, 'must be an object')
    .refine(isFew, { error: FEW, abort: true })
    .pipe(z.record(z.string(), object))
    .optional(),
}

const list = z.looseObject({ ...COMMON, cursor: z.string().optional() })
const oneResource = z.looseObject({ ...COMMON, uri: z.string() })

const METHODS = new Map<string, z.ZodType>([
  ['tools/list', list],
  ['prompts/list', list],
  ['resources/list', list],
  ['resources/templates/list', list],
  ['tools/call', z.looseObject({ ...COMMON, name: z.string(), arguments: object.optional() })],
  ['prompts/get', z.looseObject({ ...COMMON, name: z.string(), arguments: object.optional() })],
  ['resources/read', oneResource],
  ['resources/subscribe', oneResource],
  ['resources/unsubscribe', oneResource],
  [
    'completion/complete',
    z.looseObject({
      ...COMMON,
      ref: z.union([
        z.looseObject({ type: z.literal('ref/prompt'), name: z.string() }),
        z.looseObject({ type: z.literal('ref/resource'), uri: z.string() }),
      ]),
      argument: z.looseObject({ name: z.string(), value: z.string() }),
      context: z.looseObject({ arguments: object.optional() }).optional(),
    }),
  ],
  ['logging/setLevel', z.looseObject({ ...COMMON, level: z.string() })],
  ['subscriptions/listen', z.looseObject({ ...COMMON, notifications: object })],
  [
    'initialize',
    z.looseObject({
      ...COMMON,
      protocolVersion: z.string().optional(),
      capabilities: object.optional(),
      clientInfo: z.looseObject({ name: z.string(), version: z.string() }).optional(),
    }),
  ],
])
const ANY_METHOD = z.looseObject(COMMON)

/**
 * Returns the params without null members, or -32602 if a param has the wrong type. A null member
 * counts as absent, because serializers of several languages write null for an absent member.
 */
export function parseParams(method: string, given: Record<string, unknown>): { params: Record<string, unknown> } | { error: JsonRpcError } {
  const params = Object.values(given).includes(null)
    ? Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
    : given
  const issue = (METHODS.get(method) ?? ANY_METHOD).safeParse(params).error?.issues[0]
  if (!issue) return { params }
  const path = issue.path.map(String).join('.').slice(0, 100)
  return { error: { code: ErrorCode.invalidParams, message: `params.${path} ${faultOf(issue)}.` } }
}

function faultOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom') return issue.message
  return issue.code === 'invalid_type'
    ? `must be ${/^[aeio]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`
    : 'is missing or malformed'
}
