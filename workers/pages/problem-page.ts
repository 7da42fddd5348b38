import type { ProblemBody } from '../../protocol/api/fields.ts'
import type { AppRequest } from '../request.ts'
import { html, page, type Html } from './page.ts'

/** For a person whose browser went to an address: a page in place of the problem document (RFC 9457) that a program gets. */
export async function pageForPeople(response: Response, request: Pick<Request, 'headers'>): Promise<Response> {
  if (!asksForPage(request) || response.headers.get('Content-Type') !== 'application/problem+json') return response
  const { title, detail } = await response.json<ProblemBody>()
  return inPlaceOf(
    response,
    title,
    html`<p>${detail}</p>
      <p><a href="/dashboard/">To the dashboard</a></p>`,
  )
}

/** For a person whose browser went to an MCP endpoint, as people do with an address they were given: what it is, and where its page is. */
export function pageAtEndpoint(response: Response, request: AppRequest): Response {
  const { location, addresses } = request
  const isRefused = request.method === 'GET' && [401, 405, 406].includes(response.status)
  const [, ofServer] = /^(\/[^/]+\/[^/]+)\/mcp(?:\/versions\/\d+)?$/.exec(location.path) ?? []
  if (ofServer === undefined || !isRefused || !asksForPage(request)) return response
  return inPlaceOf(
    response,
    'An address for apps',
    html`<p>An app that speaks MCP connects here, and asks you before it gets access: give it this address, as it stands.</p>
      <p><a href="${addresses.origin}${ofServer}">What is here, and how each app is told of it</a></p>`,
  )
}

function asksForPage({ headers }: Pick<Request, 'headers'>): boolean {
  const accept = headers.get('Accept') ?? ''
  return accept.includes('text/html') && !accept.includes('text/event-stream')
}

/** Status and headers stay: only who reads it is another. */
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
