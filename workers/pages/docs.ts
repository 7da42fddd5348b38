import { docsIndex, type DocsPage } from '../../protocol/docs.ts'
import { notFound } from '../../protocol/problem.ts'
import type { AppRequest, Handler } from '../request.ts'
import { Html, html, page } from './page.ts'

/** Shows the list of pages of the documentation. */
export const docsHome: Handler<AppRequest> = async (request) => {
  const pages = await findPages(request)
  const shown = GROUPS.filter(({ name }) => name !== 'Decisions')
  return docsPage(request, pages, {
    title: 'Documentation',
    body: html`
      <h1>Documentation</h1>
      <p class="lead">Connect apps, bring a server, call the management API, and run a platform.</p>
      ${shown.map(
        ({ name, heading }) => html`
          <h2>${heading}</h2>
          <ul class="docs-cards">
            ${pages
              .filter(({ group }) => group === name)
              .map((each) => html`<li><a href="/docs/${each.name}">${each.title}</a><span>${firstSentence(each.summary)}</span></li>`)}
            ${name === 'Use' ? html`<li><a href="/api/openapi.json">Management API</a><span>OpenAPI 3.1 document of every request and reply.</span></li>` : ''}
          </ul>
        `,
      )}
    `,
  })
}

/** Shows a page of the documentation. */
export const showDocs: Handler<AppRequest> = async (request) => {
  const name = request.location.path.slice('/docs/'.length)
  const pages = await findPages(request)
  const found = pages.find((each) => each.name === name)
  if (!found) throw notFound()
  const fragment = await asset(request, `${name}.html`)
  return docsPage(request, pages, {
    title: found.title,
    current: name,
    // safe, because the build made the fragment from the files of docs/
    body: html`<h1>${found.title}</h1>
      ${new Html(await fragment.text())}`,
  })
}

const GROUPS: { name: DocsPage['group']; heading: string }[] = [
  { name: 'Use', heading: 'Use' },
  { name: 'Operate', heading: 'Operate' },
  { name: 'Develop', heading: 'Develop' },
  { name: 'Decisions', heading: 'Decisions' },
]

function docsPage(
  { addresses: { origin } }: AppRequest,
  pages: DocsPage[],
  { title, body, current }: { title: string; body: Html; current?: string },
): Response {
  const links = GROUPS.map(
    ({ name, heading }) => html`
      <details ${name === 'Decisions' && !current?.startsWith('decisions/') ? '' : new Html('open')}>
        <summary>${heading}</summary>
        <ul>
          ${pages
            .filter(({ group }) => group === name)
            .map(
              (each) =>
                html`<li>
                  <a href="/docs/${each.name}" ${each.name === current ? new Html('aria-current="page"') : ''}>${each.title}</a>
                </li>`,
            )}
        </ul>
      </details>
    `,
  )
  return page({
    title,
    layout: 'wide',
    origin,
    head: html`<link rel="stylesheet" href="/dashboard/docs.css" />`,
    body: html`<div class="docs">
      <nav aria-label="Documentation">${links}</nav>
      <article>${body}</article>
    </div>`,
    headers: { 'Cache-Control': 'public, max-age=300' },
  })
}

async function findPages(request: AppRequest): Promise<DocsPage[]> {
  return docsIndex.parse(await (await asset(request, 'index.json')).json())
}

async function asset({ addresses, env }: AppRequest, name: string): Promise<Response> {
  const response = await env.ASSETS.fetch(`${addresses.origin}/docs/${name}`)
  if (!response.ok) throw new Error(`the assets have no docs/${name}: was the documentation built?`)
  return response
}

function firstSentence(text: string): string {
  return /^.*?[.:](?=\s|$)/.exec(text)?.[0].replace(/:$/, '.') ?? text
}
