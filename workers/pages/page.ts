/**
 * Pages rendered by the Worker: sign-in, consent, a hosted server's page. They run no script and
 * load nothing from foreign origins. {@link html} escapes every value.
 */

/** Markup that is safe to send, because only {@link html} creates it. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = Html | string | number | undefined | readonly Part[]

/** Renders a template. Escapes every value except Html. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.map((text, index) => text + (index < parts.length ? render(parts[index]) : '')).join(''))
}

function render(part: Part): string {
  if (part === undefined) return ''
  if (part instanceof Html) return part.text
  if (typeof part === 'object') return part.map(render).join('')
  return escape(String(part))
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escape(text: string): string {
  // direction marks can disguise a text, so the page shows them as code points
  return text
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
    .replaceAll(/[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

interface Page {
  title: string
  body: Html
  status?: number
  /**
   * Origins that the page's forms may reach, redirects included, because Chromium checks redirects
   * too.
   */
  formAction?: string[]
  headers?: Record<string, string>
}

/** Renders a page with headers against framing, caching, scripts and leaks of its URL. */
export function page({ title, body, status = 200, formAction = ["'self'"], headers = {} }: Page): Response {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Wharf</title>
        <link rel="stylesheet" href="/dashboard/palette.css" />
        <link rel="stylesheet" href="/dashboard/pages.css" />
        <link rel="icon" href="/dashboard/icon.svg" type="image/svg+xml" />
      </head>
      <body>
        <header><a href="/dashboard/" class="brand">Wharf</a></header>
        <main>${body}</main>
      </body>
    </html>`
  return new Response(document.text, {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action ${formAction.join(' ')}; frame-ancestors 'none'`,
      ...PAGE_HEADERS,
      'Cache-Control': 'no-store',
      ...headers,
    },
  })
}

/**
 * Security headers of every page. Not `no-referrer`, because Chromium would then send `Origin:
 * null` with the platform's forms.
 */
export const PAGE_HEADERS = {
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
} as const
