import { z } from 'zod'
import { readBodyJson, readBodyText, type BodyFault } from '../../protocol/http/body.ts'
import { Problem } from '../../protocol/problem.ts'
import type { AppRequest } from '../request.ts'
import { toSentence } from '../../protocol/plain-text.ts'

const MAX_BODY = 64 * 1024
/** Limit of a version's upload in bytes, modules as JSON text included. */
export const MAX_UPLOAD = 8 * 1024 * 1024

/**
 * Parses a JSON body by the schema. Throws a Problem that names each invalid field by JSON Pointer.
 */
export async function readJson<T>(request: AppRequest, schema: z.ZodType<T>, maxBytes = MAX_BODY): Promise<T> {
  const rules = { mediaType: 'application/json', maxBytes, bounds: { maxDepth: 32, maxNodes: 100_000 }, toError: bodyProblem }
  const parsed = schema.safeParse(await readBodyJson(request, rules), { error: inWords })
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.slice(0, 50).flatMap(fieldErrors)
  throw new Problem(
    400,
    'Invalid request',
    `Invalid body: ${errors[0]?.pointer ? `\`${errors[0].pointer}\`` : 'the body'} ${errors[0]?.detail}.`,
    {
      errors,
    },
  )
}

/**
 * Reads a body as text. Throws 413 past `maxBytes`, counted on arrival, and 400 if it is not UTF-8.
 */
export function readText(request: Pick<Request, 'headers' | 'body'>, maxBytes: number): Promise<string> {
  return readBodyText(request, { maxBytes, toError: bodyProblem })
}

const TITLES = { 400: 'Invalid request', 413: 'Body too large', 415: 'Not JSON' }

function bodyProblem({ status, detail, cause }: BodyFault): Problem {
  return new Problem(status, TITLES[status], toSentence(detail), { cause })
}

function fieldErrors(issue: z.core.$ZodIssue): { pointer: string; detail: string }[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), detail: 'is not a known field' }))
  return [{ pointer: pointerTo(issue.path), detail: issue.message }]
}

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  object: 'an object',
  array: 'a list',
  boolean: 'true or false',
}

/**
 * Returns the text of an issue if the schema has no message for the issue. The text is a predicate
 * such as "must not be empty", because a form shows the text under the field.
 */
function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return 'is missing'
    return `must be ${KINDS[issue.expected] ?? issue.expected}`
  }
  if (issue.code === 'too_small' && issue.origin === 'string' && issue.minimum === 1) return 'must not be empty'
  if (issue.code === 'too_small') return `must ${measure(issue.origin, issue.minimum, 'least')}`
  if (issue.code === 'too_big') return `must ${measure(issue.origin, issue.maximum, 'most')}`
  if (issue.code === 'invalid_format' && issue.format === 'email') return 'must be an e-mail address'
  if (issue.code === 'invalid_value') return `must be one of: ${issue.values.join(', ')}`
  return undefined
}

function measure(origin: string, limit: number | bigint, bound: 'least' | 'most'): string {
  const of = { string: 'characters', array: 'entries' }[origin]
  return of ? `have at ${bound} ${limit} ${of}` : `be at ${bound} ${limit}`
}

/** Returns a path as JSON Pointer (RFC 6901). */
function pointerTo(path: PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 100)}`).join('')
}

/** Returns the problem of a field that is well formed but not acceptable. */
export function fieldProblem(pointer: string, detail: string, status = 400): Problem {
  return new Problem(status, status === 409 ? 'Conflict' : 'Invalid request', `${pointer.slice(1)} ${detail}.`, {
    errors: [{ pointer, detail }],
  })
}
