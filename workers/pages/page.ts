/**
 * Pages rendered by the Worker: sign-in, consent, a hosted server's page. They need no script and
 * load nothing from foreign origins. {@link html} escapes every value.
 */

import { findHiding, showInvisible } from '../../protocol/visible-text.ts'

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
  const escaped = text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
  // names stored before the rule for names, and texts of strangers: what hides is shown as code
  // points, and so are all direction marks, because they can disguise a text
  return findHiding(text) ? showInvisible(escaped) : escaped.replaceAll(DIRECTION_MARKS, showInvisible)
}

const DIRECTION_MARKS = /[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g

interface Page {
  title: string
  body: Html
  /** `card`: one narrow card. `broad`: a wider card. `wide`: the whole width, in sections. */
  layout?: 'card' | 'broad' | 'wide'
  status?: number
  /** Elements of the head, such as a description for link previews. */
  head?: Html
  /** Buttons that copy a text work, because the page loads the script page.js. */
  copies?: boolean
  /** The header offers to sign in. */
  isSignedOut?: boolean
  /** Origin of the platform, for pages at a hosted server's own host. */
  origin?: string
  /**
   * Origins that the page's forms may reach, redirects included, because Chromium checks redirects
   * too.
   */
  formAction?: string[]
  headers?: Record<string, string>
}

/** Renders a page with headers against framing, caching, foreign scripts and leaks of its URL. */
export function page({
  title,
  body,
  layout = 'card',
  status = 200,
  head,
  copies = false,
  isSignedOut = false,
  origin = '',
  formAction = ["'self'"],
  headers = {},
}: Page): Response {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Wharf</title>
        ${head}
        <link rel="preload" href="/dashboard/fonts/schibsted-grotesk-latin-wght-normal.woff2" as="font" type="font/woff2" crossorigin />
        <link rel="stylesheet" href="/dashboard/palette.css" />
        <link rel="stylesheet" href="/dashboard/pages.css" />
        ${layout === 'wide' ? html`<link rel="stylesheet" href="/dashboard/wide-pages.css" />` : ''}
        <link rel="icon" href="/dashboard/icon.svg" type="image/svg+xml" />
        <link rel="alternate icon" href="/dashboard/icon-32.png" type="image/png" sizes="32x32" />
        <link rel="apple-touch-icon" href="/dashboard/icon-180.png" />
        ${copies ? html`<script src="/dashboard/page.js" defer></script>` : ''}
      </head>
      <body${layout === 'wide' ? '' : html` class="with-quay"`}>
        <header class="top">
          <a href="${origin}/dashboard/" class="brand">${MARK}Wharf</a>
          <nav aria-label="Wharf">
            <a href="${origin}/docs">Docs</a>
            ${isSignedOut ? html`<a href="/auth/sign-in">Sign in</a>` : html`<a href="${origin}/dashboard/">Dashboard</a>`}
          </nav>
        </header>
        <main class="${CLASSES[layout]}">${body}</main>
      </body>
    </html>`
  return new Response(document.text, {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; ${copies ? "script-src 'self'; " : ''}style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; form-action ${formAction.join(' ')}; frame-ancestors 'none'`,
      ...PAGE_HEADERS,
      'Cache-Control': 'no-store',
      ...headers,
    },
  })
}

/** The mark of dashboard/public/icon.svg: a W of three bollards and their mooring rope. */
const MARK = html`<svg viewBox="0 0 32 32" width="30" height="30" aria-hidden="true">
  <rect width="32" height="32" rx="7.500" fill="#00667a" />
  <path
    d="M7 10v8.500a4.500 4.500 0 0 0 9 0V11v7.500a4.500 4.500 0 0 0 9 0V10"
    fill="none"
    stroke="#fff"
    stroke-width="3.200"
    stroke-linejoin="round"
  />
  <path d="M4.700 9h4.600M22.700 9h4.600" stroke="#fff" stroke-width="3.400" stroke-linecap="round" />
  <path d="M13.700 9h4.600" stroke="#ff8f5a" stroke-width="3.400" stroke-linecap="round" />
</svg>`

const CLASSES = { card: 'card-page', broad: 'card-page broad', wide: 'wide-page' } as const

/**
 * Security headers of every page. Not `no-referrer`, because Chromium would then send `Origin:
 * null` with the platform's forms.
 */
export const PAGE_HEADERS = {
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
} as const
