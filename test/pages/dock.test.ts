import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openChromium, openWindow, settled, signInIn, type Person } from './chromium.ts'
import { signedUp } from './owner.ts'

const CODE = '/dashboard/t/docked/s/hello/code'

let owner: Person
let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
  owner = await signedUp('Doc Ked', 'docked')
})
afterAll(() => browser?.close())

const bottomOf = (element: Locator) => element.evaluate((node) => node.getBoundingClientRect().bottom)

it.each([1024, 1440, 1800])('editor and docked panels fit in a window %i px wide without scrolling the page', async (width) => {
  const window = await openWindow(browser, { width })
  const { page } = window
  await signInIn(page, owner)
  await page.goto(CODE)
  await page.locator('.cm-content').waitFor()
  await settled(window)
  const panels = page.getByRole('tablist', { name: 'Panels' })
  expect((await panels.getByRole('tab').allInnerTexts()).map((text) => text.split('\n')[0])).toEqual([
    'Problems',
    'Deploy',
    'Logs',
    'Try it',
  ])
  expect(await bottomOf(page.locator('[data-full-width]'))).toBeLessThanOrEqual(900)
  await window.context.close()
})

it('docked panel Try it calls a tool of the active version beside its code, after consent', async () => {
  const window = await openWindow(browser)
  const { page } = window
  await signInIn(page, owner)
  await page.goto(CODE)
  await page.getByRole('tab', { name: 'Logs' }).click()
  await page
    .getByText(/No log lines|All activity/)
    .first()
    .waitFor()
  await page.getByRole('tab', { name: 'Try it' }).click()
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.waitForURL(/\/authorize/)
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.waitForURL(/\/s\/hello\/code/)
  await page.getByRole('tab', { name: 'Try it' }).click()
  const panel = page.getByRole('tabpanel', { name: 'Try it' })
  await panel.getByLabel('Tool of version 1').selectOption('whoami')
  await panel.getByRole('button', { name: 'Call', exact: true }).click()
  await panel
    .getByText(/"tenant": ?"docked"/)
    .first()
    .waitFor()
  expect(window.faults).toEqual([])
  await window.context.close()
})
