import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PERSON, type Site, startSite } from '../system/support.ts'
import { openAgent } from './agent.ts'
import { openChromium, openWindow, settled, signInIn } from './chromium.ts'

let site: Site
let browser: Browser
beforeAll(async () => {
  site = await startSite()
  browser = await openChromium()
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

const SERVER = '/dashboard/t/demo/s/hello'

/** The person at this browser lets an app in, with the boxes of `untick` cleared. */
const allow =
  (page: Page, untick: string[] = []) =>
  async (authorization: URL): Promise<URL> => {
    const consent = await page.context().newPage()
    await consent.route('http://127.0.0.1:33418/**', (route) => route.fulfill({ body: 'Back in the app.' }))
    await consent.goto(authorization.href)
    for (const label of untick) await consent.getByLabel(label).uncheck()
    await consent.getByRole('button', { name: 'Allow' }).click()
    await consent.waitForURL(/^http:\/\/127\.0\.0\.1:33418\//)
    const back = new URL(consent.url())
    await consent.close()
    return back
  }

it('edits a server, deploys it, lets an agent in, rolls back, narrows what the agent may do, and ends it', async () => {
  await site.deployed('hello')
  const { page, faults } = await openWindow(browser, site.platform.origin)
  await signInIn(page, PERSON)

  // a second tool, written in the editor
  await page.goto(`${SERVER}/code`)
  await settled(page)
  const editor = page.locator('.cm-content')
  await editor.waitFor()
  await editor.click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(TWO_TOOLS)
  await page.getByRole('button', { name: /^Deploy/ }).click()
  await page
    .getByText(/version 2/i)
    .first()
    .waitFor({ timeout: 120_000 })
  await expect.poll(() => site.management.call('GET', '/api/tenants/demo/servers/hello')).toMatchObject({ activeVersion: 2 })

  // an agent arrives by the URL alone
  const agent = await openAgent(`${site.platform.origin}/demo/hello/mcp`, allow(page))
  const names = async () => (await agent.listTools()).tools.map(({ name }) => name).toSorted()
  expect(await names()).toEqual(['greet', 'part'])
  await agent.callTool({ name: 'part', arguments: {} })
  await page.goto(SERVER)
  await page.locator('main').getByText('part').first().waitFor()

  // narrowed to one tool, without signing in again
  await page.goto('/dashboard/apps')
  await page.getByRole('button', { name: /^Edit/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('switch', { name: 'All tools' }).click()
  await dialog.getByRole('checkbox', { name: 'part' }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(names, { timeout: 15_000 }).toEqual(['greet'])

  // back to the first version
  await page.goto(`${SERVER}/versions`)
  await page
    .getByRole('row')
    .filter({ hasText: /\b1\b/ })
    .last()
    .getByRole('button', { name: /roll back|activate/i })
    .click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /roll back|activate/i })
    .click()
  await expect.poll(() => site.management.call('GET', '/api/tenants/demo/servers/hello')).toMatchObject({ activeVersion: 1 })

  // and out
  await page.goto('/dashboard/apps')
  await page.getByRole('button', { name: /^End/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'End it' }).click()
  await page.getByText('No app has access').waitFor()
  await expect
    .poll(
      () =>
        names().then(
          () => 'answered',
          () => 'refused',
        ),
      { timeout: 15_000 },
    )
    .toBe('refused')
  expect(faults).toEqual([])
})

const TWO_TOOLS = `import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

export default createMcpHandler(() => {
const server = new McpServer({ name: 'hello', version: '2.0.0' })
server.registerTool('greet', { inputSchema: z.object({}), annotations: { readOnlyHint: true } }, () => ({ content: [{ type: 'text', text: 'Hello' }] }))
server.registerTool('part', { inputSchema: z.object({}), annotations: { readOnlyHint: true } }, () => ({ content: [{ type: 'text', text: 'Goodbye' }] }))
return server
})
`
