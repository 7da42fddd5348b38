import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { ROOT } from '../../scripts/wrangler.ts'
import { openChromium, openWindow, signInIn, type Person } from './chromium.ts'
import { signedUp } from './owner.ts'

let owner: Person
let browser: Browser
let page: Page
beforeAll(async () => {
  browser = await openChromium()
  const example = join(ROOT, 'examples/hello')
  owner = await signedUp('Dra Fts', 'drafts', { hello: example, typed: example })
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
  await page.getByText('Draft based on version 1').waitFor()
}

it('code editor keeps a draft on reload until the draft is discarded', async () => {
  await write('// not deployed yet')
  await page.reload()
  await page.getByText('Draft based on version 1').waitFor()
  await expect.poll(() => text().innerText()).toContain('// not deployed yet')
  await page.getByRole('button', { name: 'Discard draft' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Discard draft' }).click()
  await page.getByText('Version 1, unchanged.').waitFor()
  await expect.poll(() => text().innerText()).not.toContain('// not deployed yet')
  await page.reload()
  await page.getByText('Version 1, unchanged.').waitFor()
})

it('code editor adds, renames and deletes a file, and keeps the files on reload', async () => {
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Add file' }).last().click()
  await dialog.getByLabel('Name').fill('server.ts')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await dialog.getByRole('alert').waitFor() // the name is taken
  await dialog.getByLabel('Name').fill('lib/words.ts')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await dialog.waitFor({ state: 'detached' })
  await text().click()
  await page.keyboard.insertText('export const word = 1')
  expect(await namesOfFiles()).toContain('lib/words.ts')

  await page.getByRole('button', { name: 'Actions for lib/words.ts' }).last().click()
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  await dialog.getByLabel('Name').fill('lib/numbers.ts')
  await dialog.getByRole('button', { name: 'Rename' }).click()
  await expect.poll(namesOfFiles).toContain('lib/numbers.ts')
  await page.getByText(/Draft based on version 1\. Saved in this browser/).waitFor()
  await page.reload()
  await expect.poll(namesOfFiles).toContain('lib/numbers.ts')
  await files().filter({ hasText: 'lib/numbers.ts' }).first().click()
  await expect.poll(() => text().innerText()).toContain('export const word = 1')

  await page.getByRole('button', { name: 'Actions for lib/numbers.ts' }).last().click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await dialog.getByRole('button', { name: 'Delete file' }).click()
  await expect.poll(namesOfFiles).toEqual(['server.ts'])
})

it('code editor deploys a blank server, and shows the line of an import of an unavailable package', async () => {
  await page.goto('/dashboard/t/drafts/new')
  await page.getByRole('radio', { name: /^Blank server/ }).click()
  await page.getByLabel('Name').fill('Of my own')
  await page.getByRole('button', { name: 'Open editor' }).click()
  await page.waitForURL(/\/s\/of-my-own\/code/)
  await text().click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.insertText("import pad from 'left-pad'\nconsole.log(pad('1', 2))\n")
  const deploy = page.getByRole('button', { name: 'Deploy', exact: true }).first()
  await deploy.click()
  await page.getByText('"left-pad" is not available in the editor').waitFor({ timeout: 120_000 })
  await page.getByText('npm run deploy-server -- DIR').waitFor()
  await page.getByRole('list', { name: 'Bundler messages' }).getByRole('button', { name: 'server.ts:1' }).waitFor()
  await page.getByRole('tab', { name: /^Problems/ }).click()
  await page.getByText(/^TypeScript: 1 error/).waitFor()
  await page.getByText(/Cannot find module 'left-pad'/).waitFor()

  await text().click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Delete')
  await deploy.click()
  await page.getByText('Version 1 is active').waitFor({ timeout: 120_000 })
})

/** A bundle without an SDK, such as any build tool can produce. */
const BUNDLE = `const RESULTS = {
  'server/discover': { supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, ttlMs: 0, cacheScope: 'public' },
  'tools/list': { tools: [{ name: 'dropped', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }], ttlMs: 0, cacheScope: 'public' },
  'tools/call': { content: [{ type: 'text', text: 'from the bundle' }] },
}
export default {
  async fetch(request) {
    const { id, method } = await request.json()
    return Response.json({ jsonrpc: '2.0', id, result: { resultType: 'complete', ...RESULTS[method] } })
  },
}`

/** Returns true if an element is completely inside the window. */
async function inView(element: Locator): Promise<boolean> {
  return element.evaluate((node) => {
    const { top, bottom } = node.getBoundingClientRect()
    return top >= 0 && bottom <= innerHeight
  })
}

it('code editor asks before type errors go live, and shows the result in view with a toast that leads to it', async () => {
  const dialog = page.getByRole('dialog')
  const deploy = page.getByRole('button', { name: 'Deploy', exact: true }).first()
  const result = page.locator('#deploy-outcome')
  await page.goto('/dashboard/t/drafts/s/typed/code')
  await text().waitFor()
  await text().click()
  await page.keyboard.press('Control+Home')
  await page.keyboard.insertText("const wrong: number = 'text'\nvoid wrong\n")

  // the deploy checks the text as it is now, and does not wait for the check of the editor
  await deploy.click()
  await dialog.getByText('Deploy with 1 type error?').waitFor({ timeout: 120_000 })
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect.poll(() => result.count()).toBe(0)

  await deploy.click()
  await dialog.getByRole('button', { name: 'server.ts:1' }).click()
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(() => page.evaluate(() => document.activeElement?.classList.contains('cm-content'))).toBe(true)

  await deploy.click()
  await dialog.getByRole('button', { name: 'Deploy without activating' }).click()
  await result.getByText('Version 2 is ready with 1 type error, but not active.').waitFor({ timeout: 120_000 })
  await expect.poll(() => inView(result)).toBe(true)

  await page.evaluate(() => scrollTo(0, 0))
  await page.getByRole('button', { name: 'Show result' }).click()
  await expect.poll(() => inView(result)).toBe(true)
  expect(await result.evaluate((node) => node === document.activeElement)).toBe(true)

  await page.evaluate(() => scrollTo(0, 0))
  await deploy.click()
  await dialog.getByRole('button', { name: 'Deploy and activate' }).click()
  await result.getByText('Version 3 is active with 1 type error.').waitFor({ timeout: 120_000 })
  await expect.poll(() => inView(result)).toBe(true)

  // the toast of a deploy that ends on another page leads to the version
  await text().click()
  await page.keyboard.press('Control+Home')
  for (const key of ['Shift+ArrowDown', 'Shift+ArrowDown', 'Delete']) await page.keyboard.press(key)
  await deploy.click()
  await page.getByRole('link', { name: 'Activity' }).first().click()
  await page.getByRole('listitem').filter({ hasText: 'typed: version 4 live' }).getByRole('button', { name: 'Show result' }).click()
  await page.waitForURL(/\/versions\/4$/)
})

it('versions page deploys an uploaded bundle, opens its own endpoint in the playground, and activates it', async () => {
  const dialog = page.getByRole('dialog')
  await page.goto('/dashboard/t/drafts/s/hello/versions')
  await page.getByLabel('Upload bundle').setInputFiles({ name: 'index.js', mimeType: 'text/javascript', buffer: Buffer.from(BUNDLE) })
  await dialog.getByRole('checkbox', { name: /^Activate if/ }).click()
  await dialog.getByRole('button', { name: 'Deploy bundle' }).click()
  await dialog.getByText(/^Version 2 is ready.*, but not active/).waitFor()
  expect(await dialog.getByText('Activate').count()).toBe(0)
  await dialog.getByRole('link', { name: 'Open version 2' }).click()

  await page.getByRole('link', { name: 'Open in playground' }).click()
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.waitForURL(/\/authorize/)
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.getByRole('link', { name: /^dropped/ }).click()
  await page.getByRole('button', { name: 'Call', exact: true }).click()
  await page.getByText('from the bundle').waitFor()
  await page.getByRole('link', { name: 'Show active version' }).click()
  await page.getByRole('link', { name: /^Greet/ }).waitFor()

  await page.goto('/dashboard/t/drafts/s/hello/versions/2')
  await page.getByRole('button', { name: 'Activate' }).click()
  // the dialog names the tools that clients lose
  await dialog.getByText(/1 tool added, 2 tools removed/).waitFor()
  await dialog.getByRole('button', { name: 'Activate' }).click()
  await page.getByText('Version 2 is active.', { exact: true }).waitFor()
})
