import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openChromium, openWindow, signInIn, type Person } from './chromium.ts'
import { signedUp } from './owner.ts'

let owner: Person
let browser: Browser
let page: Page
beforeAll(async () => {
  browser = await openChromium()
  owner = await signedUp('Dra Fts', 'drafts')
})
afterAll(() => browser?.close())
beforeEach(async () => {
  const window = await openWindow(browser)
  page = window.page
  await signInIn(page, owner)
  await page.goto('/dashboard/t/drafts/s/hello/code')
  await text().waitFor()
  return () => window.context.close()
})

const text = () => page.locator('.cm-content')
const files = () => page.getByRole('navigation', { name: 'Files' }).getByRole('button', { name: /\.ts/ })
const namesOfFiles = async () => (await files().allInnerTexts()).map((name) => name.split('\n')[0]).filter(Boolean)

async function write(line: string): Promise<void> {
  await text().click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.insertText(`${line}\n`)
  await page.getByText('A draft, changed since version 1').waitFor()
}

it('keeps a draft on reload, until it is discarded', async () => {
  await write('// not deployed yet')
  await page.reload()
  await page.getByText('A draft, changed since version 1').waitFor()
  await expect.poll(() => text().innerText()).toContain('// not deployed yet')
  await page.getByRole('button', { name: 'Discard the draft' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Discard the draft' }).click()
  await page.getByText('As in version 1.').waitFor()
  await expect.poll(() => text().innerText()).not.toContain('// not deployed yet')
  await page.reload()
  await page.getByText('As in version 1.').waitFor()
})

it('adds, renames and deletes a file, and keeps each on reload', async () => {
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Add a file' }).last().click()
  await dialog.getByLabel('Name').fill('server.ts')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await dialog.getByRole('alert').waitFor() // there is one of this name
  await dialog.getByLabel('Name').fill('lib/words.ts')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await dialog.waitFor({ state: 'detached' })
  await text().click()
  await page.keyboard.insertText('export const word = 1')
  expect(await namesOfFiles()).toContain('lib/words.ts')

  await page.getByRole('button', { name: 'What to do with lib/words.ts' }).last().click()
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  await dialog.getByLabel('Name').fill('lib/numbers.ts')
  await dialog.getByRole('button', { name: 'Rename' }).click()
  await expect.poll(namesOfFiles).toContain('lib/numbers.ts')
  await page.getByText(/A draft, changed since version 1 and kept/).waitFor()
  await page.reload()
  await expect.poll(namesOfFiles).toContain('lib/numbers.ts')
  await files().filter({ hasText: 'lib/numbers.ts' }).first().click()
  await expect.poll(() => text().innerText()).toContain('export const word = 1')

  await page.getByRole('button', { name: 'What to do with lib/numbers.ts' }).last().click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await dialog.getByRole('button', { name: 'Delete the file' }).click()
  await expect.poll(namesOfFiles).toEqual(['server.ts'])
})
