import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { allow, openAgent } from './agent.ts'
import { openChromium, openWindow, signInIn, type Person } from './chromium.ts'
import { signedUp } from './owner.ts'

const SERVER = '/dashboard/t/journey/s/hello'

const { origin } = inject('pages')
let owner: Person
let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
  owner = await signedUp('Jo Urney', 'journey')
})
afterAll(() => browser?.close())

it('owner edits and deploys a server, approves an agent, limits its tools, rolls back and disconnects the agent', async () => {
  const { page, faults } = await openWindow(browser)
  await signInIn(page, owner)

  // adds a tool in the editor
  await page.goto(`${SERVER}/code`)
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+a')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(TWO_TOOLS)
  await page.getByText('Draft based on version 1').waitFor()
  await page.getByRole('button', { name: 'Deploy', exact: true }).first().click()
  await page.getByText('Version 2 is active').waitFor({ timeout: 120_000 })

  // an agent connects with only the URL
  let asked = 0
  const agent = await openAgent(`${origin}/journey/hello/mcp`, (authorization) => {
    asked += 1
    return asked === 1 ? allow(page, authorization) : Promise.reject(new Error('consent was requested again'))
  })
  const names = async () => (await agent.listTools()).tools.map(({ name }) => name).toSorted()
  expect(await names()).toEqual(['greet', 'part'])
  await agent.callTool({ name: 'part', arguments: {} })
  await page.goto(SERVER)
  await page.getByRole('table', { name: 'Recent calls' }).getByText('part').first().waitFor()

  // the registered app has one user
  await page.goto(`${SERVER}/access?tab=apps`)
  await page
    .getByRole('table', { name: 'Registered apps' })
    .getByRole('row', { name: /Scripted client.*1 user/ })
    .waitFor()

  // limits the agent to one tool, without a new sign-in
  await page.goto('/dashboard/apps')
  await page.getByRole('button', { name: /^Edit/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('switch', { name: 'All tools' }).click()
  await dialog.getByRole('checkbox', { name: 'part' }).click()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('table').getByText('1 tool').waitFor()
  await expect.poll(names, { timeout: 15_000 }).toEqual(['greet'])

  // rolls back to version 1, which has different tools
  await page.goto(`${SERVER}/versions`)
  await page.getByRole('button', { name: 'Actions for version 1' }).click()
  await page.getByRole('menuitem', { name: 'Roll back to this version' }).click()
  await dialog.getByRole('button', { name: 'Roll back' }).click()
  await page.getByText('Version 1 is active.', { exact: true }).waitFor()
  const tools = async () => (await agent.listTools()).tools
  await expect.poll(async () => (await tools())[0]?.title, { timeout: 15_000 }).toBe('Greet')

  // disconnects the agent
  await page.goto('/dashboard/apps')
  await page.getByRole('button', { name: /^Disconnect/ }).click()
  await dialog.getByRole('button', { name: 'Disconnect' }).click()
  await page.getByText('No connected apps').waitFor()
  await expect.poll(() => tools().catch((error: unknown) => String(error)), { timeout: 15_000 }).toContain('consent was requested again')
  expect(faults).toEqual([])
})

const TWO_TOOLS = `import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

export default createMcpHandler(() => {
  const server = new McpServer({ name: 'hello', version: '2.0.0' })
  const annotations = { readOnlyHint: true }
  server.registerTool('greet', { inputSchema: z.object({}), annotations }, () => ({ content: [{ type: 'text', text: 'Hello' }] }))
  server.registerTool('part', { inputSchema: z.object({}), annotations }, () => ({ content: [{ type: 'text', text: 'Goodbye' }] }))
  return server
})
`
