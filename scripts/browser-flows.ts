import type { Browser, Page } from './browser.ts'
import { formsOf, linksOf, textOf, titleOf } from './html.ts'

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
  const page = await browser.submit(await browser.visit('/auth/sign-up?continue=%2Fapi%2Fme'), '/auth/sign-up', { ...person })
  if (page.status === 200) return true
  if (page.status === 409) return false
  throw new Error(`sign-up answered ${page.status}: ${textOf(page)}`)
}

export async function signIn(browser: Browser, { email, password }: Credentials): Promise<void> {
  const page = await browser.submit(await browser.visit('/auth/sign-in?continue=%2Fapi%2Fme'), '/auth/sign-in', { email, password })
  if (page.status !== 200) throw new Error(`sign-in answered ${page.status}: ${textOf(page)}`)
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
