/** What a person at a browser does, by script: keeps cookies, follows redirects, fills in the forms the platform serves. Needs no script on the page, as they have none. */
export class Browser {
  readonly #cookies = new Map<string, string>()
  readonly #origin: string

  /** Stays at `origin`: a redirect away from it is where a visit ends. */
  constructor(origin: string) {
    this.#origin = origin
  }

  async visit(url: string | URL, init: RequestInit = {}): Promise<Page> {
    let target = new URL(url, this.#origin)
    let request = init
    for (let hop = 0; hop < 10; hop++) {
      if (target.origin !== this.#origin) return { url: target, status: 302, html: '', left: true }
      const response = await this.fetch(target, request)
      const location = response.headers.get('location')
      if (!location || response.status < 300 || response.status >= 400)
        return { url: target, status: response.status, html: await response.text(), left: false }
      await response.body?.cancel()
      target = new URL(location, target)
      request = {}
    }
    throw new Error(`more than ten redirects, last to ${target.href}`)
  }

  /** Sends the page's form whose action is `action`, its hidden fields and ticked boxes with `values`; `unticked` are boxes whose tick is taken off. */
  async submit(page: Page, action: string | RegExp, values: Record<string, string>, unticked: string[] = []): Promise<Page> {
    const form = formsOf(page).find((each) => (typeof action === 'string' ? each.action === action : action.test(each.action)))
    if (!form) throw new Error(`the page at ${page.url.pathname} (status ${page.status}) has no form for ${action}: ${textOf(page)}`)
    const body = new URLSearchParams({ ...form.fields, ...values })
    for (const name of unticked) body.delete(name)
    return this.visit(new URL(form.action, page.url), { method: 'POST', body })
  }

  /** One request with this browser's cookies; redirects are not followed. Mutations carry the Origin that a page of the platform would. */
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

export interface Page {
  url: URL
  status: number
  html: string
  /** The redirect led to another origin, which was not asked: `url` is where a browser would be now. */
  left: boolean
}

/** What a user does on the consent page. */
export interface Decision {
  decision: 'approve' | 'deny'
  /** Boxes whose tick they take off. */
  unticked?: string[]
}

interface Credentials {
  email: string
  password: string
}

/** False where there is an account with this address already. */
export async function signUp(browser: Browser, person: Credentials & { name: string }): Promise<boolean> {
  const answer = await browser.submit(await browser.visit('/auth/sign-up?continue=%2Fapi%2Fme'), '/auth/sign-up', { ...person })
  if (answer.status === 200) return true
  if (answer.status === 409) return false
  throw new Error(`sign-up answered ${answer.status}: ${textOf(answer)}`)
}

export async function signIn(browser: Browser, { email, password }: Credentials): Promise<void> {
  const answer = await browser.submit(await browser.visit('/auth/sign-in?continue=%2Fapi%2Fme'), '/auth/sign-in', { email, password })
  if (answer.status !== 200) throw new Error(`sign-in answered ${answer.status}: ${textOf(answer)}`)
}

interface Visit {
  /** Hears of every page seen. */
  onPage?: (title: string, page: Page) => void
  /** Chosen where the app does not say which it wants. */
  server?: string
  decision?: Decision
}

/** Opens an authorization request as `person`, signs in where asked, decides (allows it, if not told otherwise), and gives where the browser is sent with that. */
export async function authorize(
  browser: Browser,
  url: string | URL,
  person: Credentials,
  { onPage, server, decision: { decision, unticked } = { decision: 'approve' } }: Visit = {},
): Promise<URL> {
  const see = (page: Page) => onPage?.(titleOf(page), page)
  let page = await browser.visit(url)
  if (!page.left && formsOf(page).some((form) => form.action === '/auth/sign-in')) {
    see(page)
    page = await browser.submit(page, '/auth/sign-in', { email: person.email, password: person.password })
  }
  const choice = linksOf(page).find(({ searchParams }) => server !== undefined && searchParams.get('resource') === server)
  if (choice) {
    see(page)
    page = await browser.visit(choice)
  }
  if (!page.left) {
    see(page)
    page = await browser.submit(page, /\/consent$/, { decision }, unticked)
  }
  if (!page.left) throw new Error(`the consent page led to ${page.url.pathname} (status ${page.status}): ${textOf(page)}`)
  return page.url
}

function formsOf({ html }: Page): { action: string; fields: Record<string, string> }[] {
  return [...html.matchAll(/<form[^>]*\saction="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)].map(([, action = '', inside = '']) => {
    const hidden = inside.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)
    const ticked = inside.matchAll(/<input type="checkbox" name="([^"]*)" checked/g)
    const fields = [...hidden, ...[...ticked].map(([, name = '']) => ['', name, 'on'])]
    return {
      action: unescape(action),
      fields: Object.fromEntries(fields.map(([, name = '', value = '']) => [unescape(name), unescape(value)])),
    }
  })
}

function linksOf({ html, url }: Page): URL[] {
  return [...html.matchAll(/<a href="([^"]*)"/g)].map(([, href = '']) => new URL(unescape(href), url))
}

function titleOf({ html }: Page): string {
  return unescape(/<h1>([\s\S]*?)<\/h1>/.exec(html)?.[1]?.trim() ?? '')
}

function textOf({ html }: Page): string {
  return unescape(html.replaceAll(/<style[\s\S]*?<\/style>|<[^>]*>/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 300)
}

function unescape(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' }
  return text.replaceAll(/&(amp|lt|gt|quot|#39|#x27);/g, (_, name: string) => named[name] ?? "'")
}
