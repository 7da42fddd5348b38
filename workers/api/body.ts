import { z } from 'zod'
import { BodyTooLarge, readBoundedText } from '../../protocol/bounded-body.ts'
import { Problem } from '../../protocol/problem.ts'
import { JsonFault, parseStrictJson } from '../../protocol/strict-json.ts'
import type { AppRequest } from '../request.ts'

const MAX_BODY = 64 * 1024
/** Of a version's upload, in bytes: its modules as JSON text. */
export const MAX_UPLOAD = 8 * 1024 * 1024

/** A JSON body as the schema has it. Throws a Problem that names each field that is not, by JSON Pointer. */
export async function readJson<T>(request: AppRequest, schema: z.ZodType<T>, maxBytes = MAX_BODY): Promise<T> {
  const type = request.headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw new Problem(415, 'Not JSON', 'Send the body as application/json.')
  const parsed = schema.safeParse(await parse(request, maxBytes))
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.slice(0, 50).flatMap(fieldErrors)
  throw new Problem(400, 'Invalid request', `The body is not as it should be: ${errors[0]?.pointer || 'the body'} ${errors[0]?.detail}.`, {
    errors,
  })
}

async function parse(request: AppRequest, maxBytes: number): Promise<unknown> {
  const text = await readText((request as unknown as Request).body, maxBytes)
  try {
    return parseStrictJson(text, { maxDepth: 32, maxNodes: 100_000 })
  } catch (cause) {
    if (cause instanceof JsonFault) throw new Problem(400, 'Invalid request', `The body was not accepted: ${cause.message}.`, { cause })
    throw cause
  }
}

/** A body as text: 413 past `maxBytes`, counted as it arrives, and 400 for what is not UTF-8. */
export async function readText(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<string> {
  try {
    return await readBoundedText(body, maxBytes)
  } catch (cause) {
    if (cause instanceof BodyTooLarge)
      throw new Problem(413, 'Body too large', `A body may have at most ${maxBytes} bytes here.`, { cause })
    if (cause instanceof TypeError) throw new Problem(400, 'Invalid request', 'The body is not UTF-8.', { cause })
    throw cause
  }
}

function fieldErrors(issue: z.core.$ZodIssue): { pointer: string; detail: string }[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), detail: 'is not a field there is' }))
  return [{ pointer: pointerTo(issue.path), detail: issue.message }]
}

/** RFC 6901. */
function pointerTo(path: PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 100)}`).join('')
}

/** One field that is well formed and still not acceptable. */
export function fieldProblem(pointer: string, detail: string, status = 400): Problem {
  return new Problem(status, status === 409 ? 'Conflict' : 'Invalid request', `${pointer.slice(1)} ${detail}.`, {
    errors: [{ pointer, detail }],
  })
}
