import { expect } from 'vitest'
import { problemBody } from '../../protocol/api/fields.ts'
import { OPERATIONS } from '../../protocol/api/operations/all.ts'
import type { Operation } from '../../protocol/api/operations/operation.ts'

const PATTERNS = OPERATIONS.map((operation) => ({
  operation,
  pattern: new RegExp(`^${operation.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}))

/** Returns the operation of a request to the management API. */
export function findOperation(method: string, path: string): Operation | undefined {
  const [pathname = ''] = path.split('?', 1)
  return PATTERNS.find(({ operation, pattern }) => operation.method === method && pattern.test(pathname))?.operation
}

/** Expects that a reply has the status and the shape that the API's description promises. */
export function expectDocumented(request: { method: string; path: string }, reply: { status: number; body: unknown }): void {
  const label = `${request.method} ${request.path}`
  if (reply.status >= 400) {
    // zod leaves out properties that the schema does not name, so equality finds undocumented ones
    expect(problemBody.parse(reply.body), label).toEqual(reply.body)
    return
  }
  const operation = findOperation(request.method, request.path)
  if (!operation) return
  expect(reply.status, label).toBe(operation.reply ? (operation.status ?? 200) : 204)
  if (operation.reply) expect(operation.reply.parse(reply.body), label).toEqual(reply.body)
}
