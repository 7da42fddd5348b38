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

const shape = z.object({
  inputRequests: z
    .record(
      z.string().max(500),
      z.object({
        method: z.enum(['elicitation/create', 'sampling/createMessage', 'roots/list']),
        params: z.custom<Record<string, unknown>>(isRecord).default({}),
      }),
    )
    .optional(),
  requestState: z.string().optional(),
})

/** Modes of an elicitation. Form is the default. */
const modes = z.enum(['form', 'url']).optional()

/** Notification at the end of an elicitation in url mode (2025-11-25). */
export const ELICITATION_COMPLETE = 'notifications/elicitation/complete'

const MAX_REQUESTS = 32
/** Characters of JSON. Older revisions show the form's texts once for each choice. */
const MAX_FORM = 64 * 1024

/**
 * Returns undefined for an invalid result: no requests and no state, more than 32 requests, a form
 * of more than 64 KiB, or an unknown method or mode.
 */
export function parseInputRequired(result: Record<string, unknown>): InputRequired | undefined {
  // counted before parsing, because the parser builds a fault for each invalid question
  const count = isRecord(result['inputRequests']) ? Object.keys(result['inputRequests']).length : 0
  if (count > MAX_REQUESTS) return undefined
  const parsed = shape.safeParse(result)
  if (!parsed.success) return undefined
  const { inputRequests = {}, requestState } = parsed.data
  if (count === 0 && requestState === undefined) return undefined
  const isUnknown = ({ method, params }: InputRequest) => method === 'elicitation/create' && !modes.safeParse(params['mode']).success
  if (Object.values(inputRequests).some((request) => isUnknown(request) || isLongForm(request))) return undefined
  return { inputRequests, requestState }
}

/** Sampling has no such limit, because its messages can hold images. */
function isLongForm({ method, params }: InputRequest): boolean {
  return method === 'elicitation/create' && JSON.stringify(params).length > MAX_FORM
}

type Members = Record<string, Record<string, unknown>>

/**
 * Returns -32021 if the request did not declare a capability for the questions.
 * `requiredCapabilities` is a ClientCapabilities object with the missing members only.
 */
export function missingCapability({ inputRequests }: InputRequired, capabilities: unknown): JsonRpcError | undefined {
  const declared = isRecord(capabilities) ? capabilities : {}
  const missing: Members = {}
  for (const request of Object.values(inputRequests)) {
    const [capability, members] = requirementOf(request)
    const lacking = members.filter((member) => !declares(declared, capability, member))
    if (lacking.length === 0 && isRecord(declared[capability])) continue
    missing[capability] = { ...missing[capability], ...Object.fromEntries(lacking.map((member) => [member, {}])) }
  }
  if (Object.keys(missing).length === 0) return undefined
  const names = Object.entries(missing).flatMap(([capability, members]) => {
    const parts = Object.keys(members).map((member) => `${capability}.${member}`)
    return parts.length > 0 ? parts : capability
  })
  const message = `The request must declare the client capabilities ${names.join(', ')}.`
  return { code: ErrorCode.missingClientCapability, message, data: { requiredCapabilities: missing } }
}

/** Returns the capability that a question needs, and the members that its fields need. */
function requirementOf({ method, params }: InputRequest): [capability: string, members: string[]] {
  switch (method) {
    case 'roots/list':
      return ['roots', []]
    case 'elicitation/create':
      return ['elicitation', [params['mode'] === 'url' ? 'url' : 'form']]
    case 'sampling/createMessage':
      return ['sampling', [...(usesTools(params) ? ['tools'] : []), ...(usesContext(params) ? ['context'] : [])]]
  }
}

function usesTools({ tools, toolChoice, messages }: Record<string, unknown>): boolean {
  if (isGiven(tools) || isGiven(toolChoice)) return true
  return Array.isArray(messages) && messages.some((message: unknown) => isRecord(message) && blocksOf(message['content']).some(isToolBlock))
}

function usesContext({ includeContext }: Record<string, unknown>): boolean {
  return isGiven(includeContext) && includeContext !== 'none'
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function isToolBlock(block: unknown): boolean {
  return isRecord(block) && (block['type'] === 'tool_use' || block['type'] === 'tool_result')
}

/** Content of a sampling message is one block or a list. */
export function blocksOf(content: unknown): unknown[] {
  return Array.isArray(content) ? content : [content]
}

function declares(declared: Record<string, unknown>, capability: string, member: string): boolean {
  const members = declared[capability]
  if (!isRecord(members)) return false
  // elicitation without a mode means form mode
  return isGiven(members[member]) || (capability === 'elicitation' && member === 'form' && !isGiven(members['url']))
}
