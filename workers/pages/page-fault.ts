import { html, page } from './page.ts'

interface Link {
  href: string
  text: string
}

/**
 * Error shown to the user in the browser, because no client may receive it. The page escapes quoted
 * input.
 */
export class PageFault extends Error {
  readonly status: number
  readonly title: string
  /** Links shown below the detail, to continue after the error. */
  readonly links: Link[]
  constructor(status: number, title: string, detail: string, links: Link[] = []) {
    super(detail)
    this.status = status
    this.title = title
    this.links = links
  }
}

export function faultPage({ status, title, message, links }: PageFault): Response {
  return page({
    status,
    headers: status === 429 ? { 'Retry-After': '60' } : {},
    title,
    body: html`<h1>${title}</h1>
      <p>${message}</p>
      ${links.map(({ href, text }) => html`<p><a href="${href}">${text}</a></p>`)}`,
  })
}
