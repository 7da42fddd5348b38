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

/** Presses Tab until what has the focus is called `name`; gives up after as many as a person would. */
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
  throw new Error(`Tab never came to ${name}`)
}

it('loads at most 250 KB of compressed script first, and tells how soon it can be used', async () => {
  const bytes = await firstLoadBytes(SITE)
  expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_LIMIT)
  // a window of its own, with nothing of the dashboard in its cache but what the way in brought
  const first = await openWindow(browser)
  await signInIn(first.page, PERSON)
  const begun = Date.now()
  await first.page.goto(SERVERS)
  await first.page.getByRole('link', { name: 'Create server' }).first().click({ trial: true })
  const took = Date.now() - begun
  console.log(`First load: ${(bytes / 1024).toFixed(1)} KB of compressed script, interactive after ${took} ms.`)
  await first.context.close()
})

it('has a link past the navigation, and moves the focus to the page it leads to', async () => {
  await page.goto(SERVERS)
  await settled(window)
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: 'Skip to content' })
  expect(await skip.evaluate((link) => link === document.activeElement && link.getBoundingClientRect().top >= 0)).toBe(true)
  await page.keyboard.press('Enter')
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main')
  await tabTo(/Create server/) // and not the navigation again
})

it('takes somebody without a mouse from a new server to an answer of its tool', async () => {
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

it('opens a dialog by keyboard, and leaves it where it was opened', async () => {
  await page.goto(`${SERVERS}/people`)
  await settled(window)
  await tabTo(/^Invite$/)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Invite')
})

it('keeps on reload what a new server is to be made of', async () => {
  await page.goto(`${SERVERS}/new`)
  await page.getByRole('radio', { name: /^Blank server/ }).click()
  await page.waitForURL(/from=code/)
  await page.getByLabel('Name').fill('Half written')
  await page.reload()
  await page.getByRole('radio', { name: /^Blank server/, checked: true }).waitFor()
  expect(await page.getByLabel('Name').inputValue()).toBe('Half written')
  expect(await page.getByLabel('Slug').inputValue()).toBe('half-written')
})

it('keeps a change that the end of a sign-in came before, until it is saved', async () => {
  const name = page.getByLabel('Name')
  await page.goto(`${SERVERS}/settings`)
  await name.fill('Half changed')
  const cookies = await window.context.cookies()
  await window.context.clearCookies()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('alert').getByRole('link', { name: 'Sign in' }).waitFor()
  await window.context.addCookies(cookies) // as signing in in another tab does
  await page.reload()
  await page.getByText('Unsaved changes.').waitFor()
  expect(await name.inputValue()).toBe('Half changed')
  await page.getByRole('link', { name: 'People' }).click() // and so it is given up
  await page.getByRole('heading', { name: 'People' }).waitFor()
  await page.getByRole('link', { name: 'Settings' }).click()
  await expect.poll(() => name.inputValue()).toBe('Demo')
})

it('offers a viewer nothing that a viewer is refused', async () => {
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

it('saves of who may connect what was changed alone, since another may have changed the rest', async () => {
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

it('says what happened where a list does not come, and gets it when it is asked for again', async () => {
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

it('brings somebody whose sign-in has ended back to where they were', async () => {
  await page.goto(SERVERS)
  await settled(window)
  await window.context.clearCookies()
  await page.getByRole('link', { name: 'People' }).click()
  await page.waitForURL(/\/auth\/sign-in/)
  await submitAs(page, PERSON)
  await page.waitForURL(/\/t\/demo\/people$/)
})

it('keeps the theme somebody chose on reload, whatever the system says', async () => {
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

it('shows what more there is of a long list of apps', async () => {
  const grants = /\/grants\?/
  const app = (name: string) => page.getByRole('button', { name: `Disconnect ${name}` })
  const more = page.getByRole('button', { name: 'Load older apps' })
  // the grant that is there for sure, once on each of two pages
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

it('says that there is no connection in place of what was asked for, and goes on once there is one', async () => {
  const again = page.getByRole('button', { name: 'Retry' })
  await page.goto(SERVERS)
  await settled(window)
  await window.context.setOffline(true)
  await page.getByRole('link', { name: 'Audit' }).click() // whose code is not here yet
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

it('keeps a secret that is shown once from a press beside it, and the focus from falling off the page', async () => {
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

it('changes somebody’s name and password, and signs them out where else they are', async () => {
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
