import { json } from '../responses.ts'

/** Forbids caching, because API replies change and some contain secrets shown once. */
const HEADERS = { 'Cache-Control': 'no-store' }

export function ok(body: unknown): Response {
  return json(body, { headers: HEADERS })
}

export function created(body: unknown): Response {
  return json(body, { status: 201, headers: HEADERS })
}

export function deleted(): Response {
  return new Response(null, { status: 204, headers: HEADERS })
}
