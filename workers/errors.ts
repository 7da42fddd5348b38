import { DrizzleQueryError } from 'drizzle-orm/errors'
import { McpError } from '../protocol/mcp/errors.ts'
import { OAuthError } from '../protocol/oauth/errors.ts'
import { notFound, Problem } from '../protocol/problem.ts'
import { TenantSuspended } from '../protocol/suspension.ts'
import { d1Failure } from '../store/d1-errors.ts'
import { DocumentUnavailable } from '../hosting/upstream/document-fetch.ts'
import { Conflict } from '../store/guard.ts'
import { faultPage, PageFault } from './pages/page-fault.ts'
import type { AppRequest } from './request.ts'
import { problem } from './responses.ts'

/**
 * Returns the response for a thrown error, in the form spoken by the request. An error of unknown
 * kind is logged with a correlation id, and the response names only the id.
 */
export function toResponse(error: unknown, { speaks }: Pick<AppRequest, 'speaks'>): Response {
  if (error instanceof OAuthError || error instanceof McpError) return error.toResponse()
  if (error instanceof TenantSuspended) return toResponse(suspensionFault(error, speaks), { speaks })
  if (error instanceof PageFault) return faultPage(error)
  if (error instanceof DocumentUnavailable && speaks === 'page') return faultPage(documentFault(error))
  const shown = error instanceof Problem ? error : toProblem(error)
  const isOurs = shown.status === 409 || shown.status >= 500
  // official SDKs treat an unparsable error as the end of the tokens, and ask the user to sign in
  // again
  return speaks === 'oauth' && isOurs ? toOAuth(shown).toResponse() : problem(shown)
}

/** An OAuth client keeps its tokens after `temporarily_unavailable`. Metadata stays 404. */
function suspensionFault({ message }: TenantSuspended, speaks: AppRequest['speaks']): Error {
  if (speaks === 'oauth') return new OAuthError('temporarily_unavailable', message)
  return speaks === 'page' ? new PageFault(403, 'Tenant suspended', message) : notFound()
}

function documentFault({ message, tooOften }: DocumentUnavailable): PageFault {
  return new PageFault(
    tooOften ? 429 : 400,
    'The app’s client document cannot be used',
    `The app’s client_id is the URL of a metadata document, which could not be used: ${message}.`,
  )
}

/** Returns the problem for an error of unknown kind. Writes the error to the platform's log. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Conflict)
    return new Problem(409, 'Conflict', 'Another request changed the same data first, so no change was stored. Try again.')
  const correlationId = crypto.randomUUID()
  log(error, correlationId)
  if (d1Failure(error) === 'unavailable') {
    return new Problem(503, 'Storage unavailable', 'The database of the platform is unavailable. Try again in a few seconds.', {
      headers: { 'Retry-After': '5' },
    })
  }
  return new Problem(500, 'Internal error', `An unexpected error occurred. Report it with the correlation ID ${correlationId}.`)
}

function toOAuth({ status, message, headers }: Problem): OAuthError {
  return new OAuthError(status === 500 ? 'server_error' : 'temporarily_unavailable', message, { headers })
}

function log(error: unknown, correlationId: string) {
  const causes = []
  for (let at = error; at instanceof Error; at = at.cause) {
    // the message of a failed query quotes parameters, possibly tokens; the cause names the error
    // error
    causes.push(at instanceof DrizzleQueryError ? { message: `query failed: ${at.query}` } : { message: at.message, stack: at.stack })
  }
  console.error(JSON.stringify({ event: 'unhandled', correlationId, causes: causes.length > 0 ? causes : String(error) }))
}
