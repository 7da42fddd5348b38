import { json } from '../responses.ts'

/** What the API says of its own is nobody's to keep: it changes, and some of it is shown once. */
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
