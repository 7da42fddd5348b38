import { formsOf, textOf, type Page } from './html.ts'

/**
 * Scripted browser. Keeps cookies, follows redirects and submits forms. The platform's pages need
 * no JavaScript.
 */
export class Browser {
  readonly #cookies = new Map<string, string>()
  readonly #origin: string

  /** Visits only `origin`. A redirect to another origin ends a visit. */
  constructor(origin: string) {
    this.#origin = origin
  }

  async visit(url: string | URL, init: RequestInit = {}): Promise<Page> {
    let target = new URL(url, this.#origin)
    let request = init
    for (let hop = 0; hop < 10; hop++) {
      if (target.origin !== this.#origin) return { url: target, status: 302, html: '', leftOrigin: true }
      const response = await this.fetch(target, request)
      const location = response.headers.get('location')
      if (!location || response.status < 300 || response.status >= 400)
        return { url: target, status: response.status, html: await response.text(), leftOrigin: false }
      await response.body?.cancel()
      target = new URL(location, target)
      request = {}
    }
    throw new Error(`more than ten redirects, last to ${target.href}`)
  }

  /**
   * Submits the form with this action. Sends hidden fields, ticked boxes and `values`, without the
   * `unticked` boxes.
   */
  async submit(page: Page, action: string | RegExp, values: Record<string, string>, unticked: string[] = []): Promise<Page> {
    const form = formsOf(page).find((each) => (typeof action === 'string' ? each.action === action : action.test(each.action)))
    if (!form) throw new Error(`the page at ${page.url.pathname} (status ${page.status}) has no form for ${action}: ${textOf(page)}`)
    const body = new URLSearchParams({ ...form.fields, ...values })
    for (const name of unticked) body.delete(name)
    return this.visit(new URL(form.action, page.url), { method: 'POST', body })
  }

  /**
   * Sends a request with the browser's cookies, and does not follow redirects. Adds the platform's
   * Origin to requests other than GET.
   */
  async fetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    if (this.#cookies.size > 0) headers.set('Cookie', [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    if (init.method && init.method !== 'GET') headers.set('Origin', this.#origin)
    const response = await fetch(new URL(url, this.#origin), { ...init, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) this.#keep(cookie)
    return response
  }

  #keep(cookie: string): void {
    const [pair = '', ...attributes] = cookie.split(';')
    const name = pair.slice(0, pair.indexOf('=')).trim()
    if (attributes.some((each) => /^\s*max-age=0\s*$/i.test(each))) this.#cookies.delete(name)
    else this.#cookies.set(name, pair.slice(pair.indexOf('=') + 1).trim())
  }
}
