import type { ProblemBody } from '../../protocol/api/fields.ts'
import type { AppRequest } from '../request.ts'
import { html, page, type Html } from './page.ts'

/** Replaces a problem document (RFC 9457) by a page if a browser navigates to the URL. */
export async function pageForPeople(response: Response, request: Pick<Request, 'headers'>): Promise<Response> {
  if (!asksForPage(request) || response.headers.get('Content-Type') !== 'application/problem+json') return response
  const { title, detail } = await response.json<ProblemBody>()
  return inPlaceOf(
    response,
    title,
    html`<p>${detail}</p>
      <p><a href="/dashboard/">Open the dashboard</a></p>`,
  )
}

/**
 * Explains an MCP endpoint to a user whose browser opened its URL, with a link to the server's
 * page.
 */
export function pageAtEndpoint(response: Response, request: AppRequest): Response {
  const { location, addresses } = request
  const isRefused = request.method === 'GET' && [401, 405, 406].includes(response.status)
  const [, ofServer] = /^(\/[^/]+\/[^/]+)\/mcp(?:\/versions\/\d+)?$/.exec(location.path) ?? []
  if (ofServer === undefined || !isRefused || !asksForPage(request)) return response
  return inPlaceOf(
    response,
    'MCP endpoint',
    html`<p>Paste this URL into an app that supports MCP. The app asks for your approval before it gets access.</p>
      <p><a href="${addresses.origin}${ofServer}">About this server, and setup for each app</a></p>`,
  )
}

function asksForPage({ headers }: Pick<Request, 'headers'>): boolean {
  const accept = headers.get('Accept') ?? ''
  return accept.includes('text/html') && !accept.includes('text/event-stream')
}

/** Renders a page with the status and headers of the replaced response. */
function inPlaceOf({ status, headers }: Response, title: string, body: Html): Response {
  const shown = page({
    title,
    status,
    body: html`<h1>${title}</h1>
      ${body}`,
  })
  for (const [name, value] of headers) if (!/^(?:content-|cache-control)/i.test(name)) shown.headers.set(name, value)
  return shown
}
