import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core'
import { inject } from 'vitest'

/** Connects to the browser shared by all page tests. Each test opens windows of its own. */
export async function openChromium(): Promise<Browser> {
  return chromium.connect(inject('pages').browser)
}

/** Returns the window height of a phone or a laptop with this width. */
export function heightOf(width: number): number {
  return width < 600 ? 780 : 900
}

export interface Window {
  context: BrowserContext
  page: Page
  /**
   * Faults so far: script errors, dialogs, violations of the Content Security Policy, and requests
   * to foreign origins.
   */
  faults: string[]
  /** Requests without a response yet. */
  underWay: Set<Request>
}

/** Opens a browser window with separate cookies. */
export async function openWindow(browser: Browser, { width = 1440 }: { width?: number } = {}): Promise<Window> {
  const { origin } = inject('pages')
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width, height: heightOf(width) },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`script error: ${error.message}`))
  page.on('dialog', (dialog) => {
    faults.push(`a dialog opened: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text())
  })
  const underWay = new Set<Request>()
  const ended = (request: Request) => void underWay.delete(request)
  page.on('requestfinished', ended).on('requestfailed', ended)
  page.on('request', (request) => {
    underWay.add(request)
    const { protocol, origin: asked } = new URL(request.url())
    if (protocol.startsWith('http') && asked !== origin) faults.push(`a request to ${request.url()}`)
  })
  return { context, page, faults, underWay }
}

export interface Person {
  name: string
  email: string
  password: string
}

/** Signs up with the sign-up form. */
export async function signUpIn(page: Page, { name, ...known }: Person): Promise<void> {
  await page.goto('/auth/sign-up')
  await page.getByLabel('Name').fill(name)
  await submitAs(page, known)
}

export async function signInIn(page: Page, known: Omit<Person, 'name'>): Promise<void> {
  await page.goto('/auth/sign-in')
  await submitAs(page, known)
}

/** Submits the sign-in or sign-up form of the open page. */
export async function submitAs(page: Page, { email, password }: Omit<Person, 'name'>): Promise<void> {
  await page.getByLabel(/e-mail/i).fill(email)
  await page.getByLabel(/password/i).fill(password)
  await page.locator(`form[method=post][action="${new URL(page.url()).pathname}"] button[type=submit]`).click()
  await page.waitForURL(/\/dashboard\//)
}

/** Waits until the page is loaded, has no pending requests and shows no skeleton. */
export async function settled({ page, underWay }: Pick<Window, 'page' | 'underWay'>): Promise<void> {
  for (let quiet = 0; quiet < 3;) {
    await page.waitForFunction(() => document.readyState === 'complete' && document.querySelector('main .animate-pulse') === null)
    quiet = underWay.size === 0 ? quiet + 1 : 0
    await page.waitForTimeout(50)
  }
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  help: string
  nodes: { html: string }[]
}

/** The rules of axe-core that depend on colors. */
export const COLOUR_RULES = ['color-contrast', 'link-in-text-block']

/** Returns the accessibility violations that axe-core finds in the page, one line each. */
export async function accessibilityFaults(page: Page, rules?: string[]): Promise<string[]> {
  await page.evaluate(await axe)
  const violations = await page.evaluate(async (runOnly) => {
    const { axe: runner } = globalThis as unknown as {
      axe: { run(where: Document, options: object): Promise<{ violations: Violation[] }> }
    }
    return (await runner.run(document, runOnly ? { runOnly } : {})).violations
  }, rules)
  return violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${help}: ${html.slice(0, 200)}`))
}

/**
 * Returns the element that overflows its table cell or makes the page wider than the window, or
 * undefined. Elements inside a scrolling or clipping container do not count.
 */
export async function sidewaysFault(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    const rightOf = (element: Element) => element.getBoundingClientRect().right
    const reaching = [...document.querySelectorAll('td *')].find(
      (element) => !element.matches('.sr-only') && rightOf(element) > rightOf(element.closest('td') ?? element) + 1,
    )
    if (reaching) return `reaches out of its cell: ${reaching.outerHTML.slice(0, 200)}`
    if (scrollWidth <= clientWidth) return undefined
    const isClipped = (element: Element): boolean =>
      element.parentElement !== null &&
      (getComputedStyle(element.parentElement).overflowX !== 'visible' || isClipped(element.parentElement))
    const wide = [...document.querySelectorAll('body *')].findLast((element) => rightOf(element) > clientWidth + 1 && !isClipped(element))
    return `${scrollWidth} px wide in a window of ${clientWidth}: ${wide?.outerHTML.slice(0, 200) ?? 'something'}`
  })
}
