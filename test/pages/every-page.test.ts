import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { PERSON } from '../system/support.ts'
import {
  accessibilityFaults,
  COLOUR_RULES,
  heightOf,
  openChromium,
  openWindow,
  settled,
  sidewaysFault,
  signInIn,
  type Window,
} from './chromium.ts'

/** Folder for screenshots, with a folder per theme and width. */
const PICTURES = 'results/pages'
const THEMES = ['light', 'dark'] as const
const WIDTHS = [1440, 360]

interface Shown {
  name: string
  path: string
  /** Action before the screenshot. */
  act?: (page: Page) => Promise<unknown>
}

const { addresses } = inject('pages')
const press =
  (name: string | RegExp, role: 'button' | 'link' | 'tab' = 'button') =>
  (page: Page) =>
    page.getByRole(role, { name }).first().click()

const SIGNED_OUT: Shown[] = [
  { name: 'landing', path: '/dashboard/' },
  { name: 'docs', path: '/docs' },
  { name: 'docs-page', path: '/docs/operations' },
  { name: 'sign-in', path: '/auth/sign-in' },
  {
    name: 'sign-in-refused',
    path: '/auth/sign-in',
    act: async (page) => {
      await page.getByLabel(/e-mail/i).fill('nobody@example.com')
      await page.getByLabel(/password/i).fill('not the password of anybody')
      await press('Sign in')(page)
    },
  },
  { name: 'sign-in-by-provider', path: '/auth/sign-in?tenant=demo' },
  { name: 'sign-in-no-provider', path: '/auth/sign-in?typed=nobody' },
  { name: 'sign-up', path: '/auth/sign-up' },
  { name: 'server-page', path: '/demo/everything' },
  { name: 'no-server-page', path: '/demo/no-such-server' },
  { name: 'endpoint', path: '/demo/everything/mcp' },
  { name: 'no-such-address', path: '/no-such-address' },
]

const TENANT = '/dashboard/t/demo'
const SERVER = `${TENANT}/s/everything`
const SIGNED_IN: Shown[] = [
  { name: 'welcome', path: '/dashboard/welcome' },
  { name: 'apps', path: '/dashboard/apps' },
  { name: 'apps-narrow', path: '/dashboard/apps', act: press(/^Edit/) },
  { name: 'account', path: '/dashboard/account' },
  { name: 'servers', path: TENANT },
  { name: 'new-server', path: `${TENANT}/new` },
  { name: 'people', path: `${TENANT}/people` },
  { name: 'people-invite', path: `${TENANT}/people`, act: press(/Invite/) },
  { name: 'clients', path: `${TENANT}/clients` },
  { name: 'clients-new', path: `${TENANT}/clients`, act: press(/Create client/) },
  { name: 'identity-providers', path: `${TENANT}/identity-providers` },
  { name: 'identity-providers-new', path: `${TENANT}/identity-providers`, act: press(/Add provider/) },
  { name: 'identity-providers-edit', path: `${TENANT}/identity-providers`, act: press(/^Edit/) },
  { name: 'identity-providers-links', path: `${TENANT}/identity-providers`, act: press(/^Members/) },
  { name: 'identity-providers-sign-in', path: `${TENANT}/identity-providers`, act: press(/^Sign-in URLs/) },
  { name: 'audit', path: `${TENANT}/audit` },
  { name: 'tenant-settings', path: `${TENANT}/settings` },
  { name: 'tenant-delete', path: `${TENANT}/settings`, act: press(/Delete demo/) },
  { name: 'overview', path: SERVER },
  { name: 'overview-empty', path: `${TENANT}/s/empty` },
  { name: 'content', path: `${SERVER}/content`, act: press('Add prompt') },
  { name: 'code', path: `${SERVER}/code` },
  { name: 'code-empty', path: `${TENANT}/s/empty/code` },
  { name: 'versions', path: `${SERVER}/versions` },
  { name: 'versions-empty', path: `${TENANT}/s/empty/versions` },
  { name: 'version', path: `${SERVER}/versions/1` },
  { name: 'versions-compared', path: `${SERVER}/versions/compare?from=1&to=2` },
  { name: 'tools', path: `${SERVER}/tools` },
  { name: 'access-rules', path: `${SERVER}/access` },
  { name: 'access-apps', path: `${SERVER}/access?tab=apps` },
  { name: 'access-machines', path: `${SERVER}/access?tab=machines` },
  { name: 'access-keys', path: `${SERVER}/access?tab=keys` },
  { name: 'activity', path: `${SERVER}/activity` },
  { name: 'server-settings', path: `${SERVER}/settings` },
  { name: 'not-found', path: '/dashboard/no-such-page' },
  { name: 'no-such-tenant', path: '/dashboard/t/no-such-tenant' },
  { name: 'consent', path: addresses.consent },
  { name: 'consent-of-many', path: addresses.consentOfMany },
  {
    name: 'consent-of-many-open',
    path: addresses.consentOfMany,
    act: (page) => page.locator('details summary').first().click(),
  },
  { name: 'consent-again', path: addresses.consentAgain },
  { name: 'root-choice', path: addresses.rootChoice },
  {
    name: 'root-choice-wrong',
    path: addresses.rootChoice,
    act: async (page) => {
      await page.getByLabel('Server URL that you gave the app').fill('no address')
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('alert').waitFor()
    },
  },
  { name: 'unknown-client', path: addresses.unknownClient },
  { name: 'device', path: '/device' },
  {
    name: 'device-wrong',
    path: '/device?user_code=BCDF-GHJK',
    act: press('Continue'),
  },
  { name: 'device-consent', path: addresses.device, act: press('Continue') },
  { name: 'invitation', path: addresses.invitation },
  { name: 'no-invitation', path: `/auth/invitation/${'x'.repeat(43)}` },
]

let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
  for (const theme of THEMES) for (const width of WIDTHS) await mkdir(pictures(theme, width), { recursive: true })
})
afterAll(() => browser?.close())

function pictures(theme: string, width: number): string {
  return join(PICTURES, `${theme}-${width}`)
}

/**
 * Renders the content outside the viewport, so that the screenshot of the whole page shows it. Uses
 * a constructed style sheet, because the Content Security Policy forbids a style element.
 */
async function showUnseen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('* { content-visibility: visible !important; }')
    document.adoptedStyleSheets.push(sheet)
  })
}

/**
 * Opens a page and returns its faults: accessibility in both themes, and overflow at this width and
 * the narrower widths of a laptop or tablet.
 */
async function look(window: Window, width: number, { name, path, act }: Shown): Promise<string[]> {
  const { page } = window
  const found: string[] = []
  await page.goto(path)
  await settled(window)
  if (act) {
    await act(page)
    await settled(window)
  }
  await showUnseen(page)
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme })
    await page.screenshot({ path: join(pictures(theme, width), `${name}.png`), fullPage: true, animations: 'disabled' })
    // only colors differ between the themes
    const faults = await accessibilityFaults(page, theme === 'light' ? undefined : COLOUR_RULES)
    found.push(...faults.map((fault) => `${name}, ${theme} at ${width} px: ${fault}`))
  }
  for (const narrower of width === 1440 ? [1440, 1024, 768] : [width]) {
    if (narrower !== width) await page.setViewportSize({ width: narrower, height: heightOf(narrower) })
    const wide = await sidewaysFault(page)
    if (wide !== undefined) found.push(`${name} at ${narrower} px: ${wide}`)
  }
  await page.setViewportSize({ width, height: heightOf(width) })
  return found
}

it.each([
  { who: 'without a sign-in', shown: SIGNED_OUT, signIn: false },
  { who: 'to a member', shown: SIGNED_IN, signIn: true },
])('every page shown $who is accessible and fits the window, in both themes, on a laptop and a phone', async ({ shown, signIn }) => {
  const lookAll = async (width: number) => {
    const window = await openWindow(browser, { width })
    if (signIn) await signInIn(window.page, PERSON)
    const found: string[] = []
    for (const each of shown) found.push(...(await look(window, width, each)))
    await window.context.close()
    return [...found, ...window.faults]
  }
  // in parallel, because each mostly waits for pages
  expect((await Promise.all(WIDTHS.map(lookAll))).flat()).toEqual([])
})
