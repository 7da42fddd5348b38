import { z } from 'zod'
import { isRecord } from '../record.ts'
import { ErrorCode } from './errors.ts'
import { isId, type JsonRpcError } from './json-rpc.ts'

/*
 * Types of request params, for every method and revision. Checked before policy, headers and
 * records read the params, because code that judges strings must never see another type.
 */

/*
 * `z.object` reads the named members only. Loose objects and records of zod copy every member,
 * which takes seconds for a body of many members.
 */
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
  _meta: z.object({ progressToken: progressToken.nullish() }).optional(),
  requestState: z.string().optional(),
  // counted first, because the schema builds a fault for each invalid response
  inputResponses: z
    .custom<Record<string, unknown>>(isRecord, 'must be an object')
    .refine(isFew, { error: FEW, abort: true })
    .pipe(z.record(z.string(), object))
    .optional(),
}

const list = z.object({ ...COMMON, cursor: z.string().optional() })
const oneResource = z.object({ ...COMMON, uri: z.string() })

const METHODS = new Map<string, z.ZodType>([
  ['tools/list', list],
  ['prompts/list', list],
  ['resources/list', list],
  ['resources/templates/list', list],
  ['tools/call', z.object({ ...COMMON, name: z.string(), arguments: object.optional() })],
  ['prompts/get', z.object({ ...COMMON, name: z.string(), arguments: object.optional() })],
  ['resources/read', oneResource],
  ['resources/subscribe', oneResource],
  ['resources/unsubscribe', oneResource],
  [
    'completion/complete',
    z.object({
      ...COMMON,
      ref: z.union([
        z.object({ type: z.literal('ref/prompt'), name: z.string() }),
        z.object({ type: z.literal('ref/resource'), uri: z.string() }),
      ]),
      argument: z.object({ name: z.string(), value: z.string() }),
      context: z.object({ arguments: object.optional() }).optional(),
    }),
  ],
  ['logging/setLevel', z.object({ ...COMMON, level: z.string() })],
  ['subscriptions/listen', z.object({ ...COMMON, notifications: object })],
  [
    'initialize',
    z.object({
      ...COMMON,
      protocolVersion: z.string().optional(),
      capabilities: object.optional(),
      clientInfo: z.object({ name: z.string(), version: z.string() }).optional(),
    }),
  ],
])
const ANY_METHOD = z.object(COMMON)

/**
 * Optional members. A null counts as absent, because serializers of several languages write null.
 */
const OPTIONAL = [
  '_meta',
  'requestState',
  'inputResponses',
  'arguments',
  'cursor',
  'context',
  'protocolVersion',
  'capabilities',
  'clientInfo',
]

/**
 * Returns the params without optional members that are null, or -32602 if a param has another
 * type.
 */
export function parseParams(method: string, given: Record<string, unknown>): { params: Record<string, unknown> } | { error: JsonRpcError } {
  const params = withoutNulls(given)
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

function withoutNulls(given: Record<string, unknown>): Record<string, unknown> {
  const absent = OPTIONAL.filter((name) => given[name] === null)
  if (absent.length === 0) return given
  const params = { ...given }
  for (const name of absent) delete params[name]
  return params
}
