import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { SITE } from '../../scripts/dashboard.ts'
import { FIRST_LOAD_LIMIT, firstLoadBytes } from '../../scripts/first-load.ts'
import { PERSON } from '../system/support.ts'
import { openChromium, openWindow, settled, signInIn, submitAs, type Window } from './chromium.ts'
import { signedUp } from './owner.ts'

let browser: Browser
let window: Window
let page: Page
beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser?.close())
beforeEach(async () => {
  window = await openWindow(browser)
  page = window.page
  await signInIn(page, PERSON)
  return () => window.context.close()
})

const SERVERS = '/dashboard/t/demo'

/** Presses Tab until the focused element has the name. Throws after 40 presses. */
async function tabTo(name: RegExp): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => {
      const element = document.activeElement
      const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined
      return element?.getAttribute('aria-label') ?? label ?? element?.textContent?.trim() ?? ''
    })
    if (name.test(focused)) return
  }
  throw new Error(`no element named ${name} within 40 presses of Tab`)
}

it('dashboard loads at most 250 KB of compressed script on the first visit, and logs the time until it is interactive', async () => {
  const bytes = await firstLoadBytes(SITE)
  expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_LIMIT)
  // a new window, whose cache has only the files loaded at sign-in
  const first = await openWindow(browser)
  await signInIn(first.page, PERSON)
  const begun = Date.now()
  await first.page.goto(SERVERS)
  await first.page.getByRole('link', { name: 'Create server' }).first().click({ trial: true })
  const took = Date.now() - begun
  console.log(`First load: ${(bytes / 1024).toFixed(1)} KB of compressed script, interactive after ${took} ms.`)
  await first.context.close()
})

it('link Skip to content moves the focus past the navigation', async () => {
  await page.goto(SERVERS)
  await settled(window)
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: 'Skip to content' })
  expect(await skip.evaluate((link) => link === document.activeElement && link.getBoundingClientRect().top >= 0)).toBe(true)
  await page.keyboard.press('Enter')
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main')
  await tabTo(/Create server/) // the navigation does not get the focus again
})

it('keyboard alone suffices to create a server and call its tool', async () => {
  await page.goto(SERVERS)
  await settled(window)
  const press = async (name: RegExp) => {
    await tabTo(name)
    await page.keyboard.press('Enter')
  }
  await press(/^Create server/)
  await page.waitForURL(/\/new$/)
  await settled(window)
  await tabTo(/^Hello/)
  await tabTo(/^Name/)
  await page.keyboard.press('Control+a')
  await page.keyboard.type('By keyboard')
  await press(/^Deploy$/)
  await page.waitForURL(/\/s\/by-keyboard\?/)
  await settled(window)
  await press(/^Playground$/)
  await page.waitForURL(/\/tools$/)
  await settled(window)
  await press(/^Allow$/)
  await page.waitForURL(/\/authorize/)
  await press(/^Allow$/)
  await page.getByText('Live from the server').waitFor()
  await press(/^Who am I/)
  await press(/^Call$/)
  await page.getByText('Completed in').waitFor()
})

it('dialog opened by keyboard returns the focus to its button when it closes', async () => {
  await page.goto(`${SERVERS}/people`)
  await settled(window)
  await tabTo(/^Invite$/)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Invite')
})

it('form for a new server keeps its input on reload', async () => {
  await page.goto(`${SERVERS}/new`)
  await page.getByRole('radio', { name: /^Blank server/ }).click()
  await page.waitForURL(/from=code/)
  await page.getByLabel('Name').fill('Half written')
  await page.reload()
  await page.getByRole('radio', { name: /^Blank server/, checked: true }).waitFor()
  expect(await page.getByLabel('Name').inputValue()).toBe('Half written')
  expect(await page.getByLabel('Slug').inputValue()).toBe('half-written')
})

it('form keeps an unsaved change when the sign-in has expired', async () => {
  const name = page.getByLabel('Name')
  await page.goto(`${SERVERS}/settings`)
  await name.fill('Half changed')
  const cookies = await window.context.cookies()
  await window.context.clearCookies()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('alert').getByRole('link', { name: 'Sign in' }).waitFor()
  await window.context.addCookies(cookies) // like a sign-in in another tab
  await page.reload()
  await page.getByText('Unsaved changes.').waitFor()
  expect(await name.inputValue()).toBe('Half changed')
  await page.getByRole('link', { name: 'People' }).click() // navigation discards the change
  await page.getByRole('heading', { name: 'People' }).waitFor()
  await page.getByRole('link', { name: 'Settings' }).click()
  await expect.poll(() => name.inputValue()).toBe('Demo')
})

it('dashboard hides from a viewer the pages and actions that need a higher role', async () => {
  const asViewer = (body: { role?: string; tenants?: object[] }) =>
    body.tenants ? { ...body, tenants: body.tenants.map((tenant) => ({ ...tenant, role: 'viewer' })) } : { ...body, role: 'viewer' }
  await page.route(/\/api\/(me|tenants\/demo)$/, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, json: asViewer(await response.json()) })
  })
  await page.goto(SERVERS)
  await settled(window)
  expect(await page.getByRole('navigation', { name: 'Main' }).getByRole('link').allInnerTexts()).toEqual([
    'Servers',
    'People',
    'Settings',
    'Connected apps',
    'Account',
  ])
  await page.goto(`${SERVERS}/new`)
  await page.getByText('Creating a server requires the developer role').waitFor()
  expect(await page.getByRole('button', { name: 'Deploy' }).count()).toBe(0)
})

it('access settings form saves only the changed fields and keeps a simultaneous change by another user', async () => {
  const RULES = `${SERVERS}/s/empty/access`
  const other = await window.context.newPage()
  for (const each of [page, other]) await each.goto(RULES)
  const choose = async (on: Page, name: RegExp) => {
    await on.getByRole('radio', { name }).click()
    await on.getByRole('button', { name: 'Save' }).first().click()
    await on.getByText('Saved.').first().waitFor()
  }
  await choose(other, /^Closed/)
  await choose(page, /^Anyone signed in/)
  await page.reload()
  for (const name of [/^Closed/, /^Anyone signed in/]) await page.getByRole('radio', { name, checked: true }).waitFor()
})

it('list shows the error when loading fails, and loads on Retry', async () => {
  const isList = /\/api\/tenants\/demo\/clients/
  const detail = 'The database did not answer.'
  await page.route(isList, (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({ title: 'Unavailable', status: 503, detail }),
    }),
  )
  await page.goto(`${SERVERS}/clients`)
  await page.getByText(detail).waitFor()
  await page.unroute(isList)
  await page.getByRole('button', { name: 'Retry' }).click()
  await page.getByText('Nightly job').first().waitFor()
})

it('dashboard returns to the requested page after the sign-in has expired and the user signs in again', async () => {
  await page.goto(SERVERS)
  await settled(window)
  await window.context.clearCookies()
  await page.getByRole('link', { name: 'People' }).click()
  await page.waitForURL(/\/auth\/sign-in/)
  await submitAs(page, PERSON)
  await page.waitForURL(/\/t\/demo\/people$/)
})

it('chosen theme survives a reload and overrides the theme of the system', async () => {
  const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.goto(SERVERS)
  await page.getByRole('button', { name: 'Theme' }).click()
  await page.getByRole('menuitemradio', { name: 'Dark' }).click()
  expect(await scheme()).toBe('dark')
  await page.reload()
  expect(await scheme()).toBe('dark')
  await page.getByRole('button', { name: 'Theme' }).click()
  await page.getByRole('menuitemradio', { name: 'System' }).click()
  await page.reload()
  expect(await scheme()).toBe('light dark')
})

it('button Load older apps shows the next page of the list', async () => {
  const grants = /\/grants\?/
  const app = (name: string) => page.getByRole('button', { name: `Disconnect ${name}` })
  const more = page.getByRole('button', { name: 'Load older apps' })
  // shows the existing grant under one name on each of two pages
  await page.route(grants, async (route) => {
    const { origin, pathname, searchParams } = new URL(route.request().url())
    const response = await route.fetch({ url: `${origin}${pathname}` })
    const { items } = (await response.json()) as { items: object[] }
    const [name, next] = searchParams.get('before') === '1.a' ? ['Older App', {}] : ['Newer App', { next: '1.a' }]
    await route.fulfill({ json: { items: [{ ...items[0], id: name, clientName: name }], ...next } })
  })
  for (const path of ['/dashboard/apps', `${SERVERS}/s/everything/access?tab=apps`]) {
    await page.goto(path)
    await app('Newer App').waitFor()
    expect(await app('Older App').count()).toBe(0)
    await more.click()
    await app('Older App').waitFor()
    expect([await app('Newer App').count(), await more.count()]).toEqual([1, 0])
  }
})

it('dashboard shows No connection while offline, keeps typed input, and loads the page on Retry', async () => {
  const again = page.getByRole('button', { name: 'Retry' })
  await page.goto(SERVERS)
  await settled(window)
  await window.context.setOffline(true)
  await page.getByRole('link', { name: 'Audit' }).click() // the code of the page is not loaded yet
  await page.getByRole('heading', { name: 'No connection' }).waitFor()
  await window.context.setOffline(false)
  await again.click()
  await page.getByRole('table', { name: 'Audit events' }).waitFor()

  const name = page.getByLabel('Name')
  await page.goto(`${SERVERS}/settings`)
  await name.fill('Not to be kept')
  await window.context.setOffline(true)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('alert').getByText('No connection').waitFor()
  expect(await name.inputValue()).toBe('Not to be kept')
  await window.context.setOffline(false)
})

it('dialog with a secret stays open on a click outside, and the focus stays on the page after a row is deleted', async () => {
  const dialog = page.getByRole('dialog')
  await page.goto(`${SERVERS}/people`)
  await page.getByRole('button', { name: 'Invite' }).click()
  await dialog.getByRole('button', { name: 'Create link' }).click()
  await dialog.getByText('Share this link').waitFor()
  await page.mouse.click(5, 5)
  expect(await dialog.getByText(/\/auth\/invitation\//).isVisible()).toBe(true)
  await dialog.getByRole('button', { name: 'Done' }).click()
  const revoke = page.getByRole('button', { name: /^Revoke/ }).first()
  await revoke.click()
  await dialog.getByRole('button', { name: 'Revoke invitation' }).click()
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('People')
})

it('account page changes the name and the password, and ends the other sign-ins of the user', async () => {
  const person = await signedUp('Old Name', 'renamed', {})
  await window.context.clearCookies()
  await signInIn(page, person)
  const elsewhere = await openWindow(browser)
  await signInIn(elsewhere.page, person)

  await page.goto('/dashboard/account')
  await page.getByLabel('Name', { exact: true }).fill('New Name')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Name changed.').first().waitFor()
  await page.getByText('New Name').first().waitFor()

  const [current, next] = [page.getByLabel('Current password'), page.getByLabel('New password')]
  const change = page.getByRole('button', { name: 'Change password' })
  await current.fill('not the password')
  await next.fill('another password for these pages')
  await change.click()
  await page.getByText('is not your password').waitFor()
  await current.fill(person.password)
  await change.click()
  await page.getByText('Password changed.').first().waitFor()
  expect(await next.inputValue()).toBe('')
  await elsewhere.page.goto('/dashboard/account')
  await elsewhere.page.waitForURL(/\/auth\/sign-in/)
  await signInIn(elsewhere.page, { ...person, password: 'another password for these pages' })
  await elsewhere.context.close()
})
