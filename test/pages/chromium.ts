import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

/** Debian's Chromium, or the one CHROMIUM names. */
export async function openChromium(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
  if (!existsSync(executablePath))
    throw new Error(`There is no Chromium at ${executablePath}: "apt-get install chromium", or name another with CHROMIUM.`)
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'] })
}

export type Theme = 'light' | 'dark'

export interface Window {
  context: BrowserContext
  page: Page
  /** What went wrong in it so far: script errors, refusals by the Content Security Policy, requests to other origins. */
  faults: string[]
}

/** A browser window with cookies of its own. */
export async function openWindow(
  browser: Browser,
  origin: string,
  { theme = 'light', width = 1440 }: { theme?: Theme; width?: number } = {},
): Promise<Window> {
  const context = await browser.newContext({
    baseURL: origin,
    colorScheme: theme,
    viewport: { width, height: width < 600 ? 780 : 900 },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  context.setDefaultTimeout(60_000)
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
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url())
    if (protocol.startsWith('http') && asked !== origin) faults.push(`a request to ${request.url()}`)
  })
  return { context, page, faults }
}

/** A person's way in, by the forms everybody has. */
export async function signUpIn(page: Page, person: { name: string; email: string; password: string }): Promise<void> {
  await page.goto('/auth/sign-up')
  await page.getByLabel('Name').fill(person.name)
  await page.getByLabel(/e-mail/i).fill(person.email)
  await page.getByLabel(/password/i).fill(person.password)
  await page.locator('form[action="/auth/sign-up"] button[type=submit]').click()
  await page.waitForURL(/\/dashboard\//)
}

export async function signInIn(page: Page, { email, password }: { email: string; password: string }): Promise<void> {
  await page.goto('/auth/sign-in')
  await page.getByLabel(/e-mail/i).fill(email)
  await page.getByLabel(/password/i).fill(password)
  await page.locator('form[action="/auth/sign-in"] button[type=submit]').click()
  await page.waitForURL(/\/dashboard\//)
}

/** Nothing is being fetched and nothing says that it is loading. */
export async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.waitForFunction(() => document.querySelector('main .animate-pulse') === null)
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  id: string
  help: string
  nodes: { html: string }[]
}

/** What axe-core finds against the page as it stands, one line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(await axe)
  const violations = await page.evaluate(async () => {
    const { axe: runner } = globalThis as unknown as { axe: { run(where: Document): Promise<{ violations: Violation[] }> } }
    return (await runner.run(document)).violations
  })
  return violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${help}: ${html.slice(0, 200)}`))
}

/** The page is no wider than its window. */
export async function expectNoSidewaysScroll(page: Page, where: string): Promise<void> {
  const { width, wide } = await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    const out = [...document.querySelectorAll('main *')].find((element) => element.getBoundingClientRect().right > clientWidth + 1)
    return { width: clientWidth, wide: scrollWidth > clientWidth ? (out?.outerHTML.slice(0, 200) ?? 'something') : undefined }
  })
  expect(wide, `${where} is wider than ${width} px`).toBeUndefined()
}
