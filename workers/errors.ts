import { DrizzleQueryError } from 'drizzle-orm/errors'
import { McpError } from '../protocol/mcp/errors.ts'
import { OAuthError } from '../protocol/oauth/errors.ts'
import { Problem } from '../protocol/problem.ts'
import { d1Failure } from '../store/d1-errors.ts'
import { Conflict } from '../store/guard.ts'
import type { AppRequest } from './request.ts'
import { problem } from './responses.ts'

/** The one catch: a thrown error -> its wire form. What is not one of ours is logged with a correlation id and answered with that id alone. */
export function toResponse(error: unknown, { speaksOAuth }: Pick<AppRequest, 'speaksOAuth'> = {}): Response {
  if (error instanceof OAuthError || error instanceof McpError) return error.toResponse()
  const told = error instanceof Problem ? error : toProblem(error)
  const isOurs = told.status === 409 || told.status >= 500
  // an official SDK takes a failure it cannot read for the end of its tokens, and sends its user to sign in again
  return speaksOAuth && isOurs ? toOAuth(told).toResponse() : problem(told)
}

function toProblem(error: unknown): Problem {
  if (error instanceof Conflict)
    return new Problem(409, 'Changed meanwhile', 'Another request changed this first, and nothing of yours was stored. Try again.')
  const correlationId = crypto.randomUUID()
  log(error, correlationId)
  if (d1Failure(error) === 'unavailable') {
    return new Problem(503, 'Storage unavailable', 'The platform cannot reach its database right now. Try again shortly.', {
      headers: { 'Retry-After': '5' },
    })
  }
  return new Problem(500, 'Internal error', `Something went wrong here. Report it with the id ${correlationId}.`)
}

function toOAuth({ status, message, headers }: Problem): OAuthError {
  return new OAuthError(status === 500 ? 'server_error' : 'temporarily_unavailable', message, { headers })
}

function log(error: unknown, correlationId: string) {
  const causes = []
  for (let at = error; at instanceof Error; at = at.cause) {
    // a failed query's message quotes its parameters, which may be anybody's token; its cause says what went wrong
    causes.push(at instanceof DrizzleQueryError ? { message: `query failed: ${at.query}` } : { message: at.message, stack: at.stack })
  }
  console.error(JSON.stringify({ event: 'unhandled', correlationId, causes: causes.length > 0 ? causes : String(error) }))
}
