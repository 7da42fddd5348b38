import type { Browser } from './browser.ts'
import { formsOf, linksOf, textOf, titleOf, type Page } from './html.ts'

/** Decision of the user on the consent page. */
export interface Decision {
  decision: 'approve' | 'deny'
  /** Checkboxes to untick. */
  unticked?: string[]
}

interface Credentials {
  email: string
  password: string
}

/** Returns false if the address already has an account with another password. */
export async function signUp(browser: Browser, person: Credentials & { name: string }): Promise<boolean> {
  const page = await browser.submit(await browser.visit('/auth/sign-up?continue=%2Fapi%2Fme'), '/auth/sign-up', { ...person })
  // the reply does not tell; the page after it is for signed-in users only
  if (page.status === 200) return page.url.pathname !== '/auth/sign-in'
  throw new Error(`sign-up returned ${page.status}: ${textOf(page)}`)
}

export async function signIn(browser: Browser, { email, password }: Credentials): Promise<void> {
  const page = await browser.submit(await browser.visit('/auth/sign-in?continue=%2Fapi%2Fme'), '/auth/sign-in', { email, password })
  if (page.status !== 200) throw new Error(`sign-in returned ${page.status}: ${textOf(page)}`)
}

interface Visit {
  /** Called for every page. */
  onPage?: (title: string, page: Page) => void
  /** Server to choose if the app requests no resource. */
  server?: string
  decision?: Decision
}

/**
 * Opens an authorization request, signs in as `person` if necessary, and approves by default.
 * Returns the redirect URL.
 */
export async function authorize(
  browser: Browser,
  url: string | URL,
  person: Credentials,
  { onPage, server, decision: { decision, unticked } = { decision: 'approve' } }: Visit = {},
): Promise<URL> {
  const report = (page: Page) => onPage?.(titleOf(page), page)
  let page = await browser.visit(url)
  if (!page.leftOrigin && formsOf(page).some((form) => form.action === '/auth/sign-in')) {
    report(page)
    page = await browser.submit(page, '/auth/sign-in', { email: person.email, password: person.password })
  }
  const choice = linksOf(page).find(({ searchParams }) => server !== undefined && searchParams.get('resource') === server)
  if (choice) {
    report(page)
    page = await browser.visit(choice)
  }
  if (!page.leftOrigin) {
    report(page)
    page = await browser.submit(page, /\/consent$/, { decision }, unticked)
  }
  if (!page.leftOrigin) throw new Error(`the consent page led to ${page.url.pathname} (status ${page.status}): ${textOf(page)}`)
  return page.url
}
