import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { allow, openAgent } from './agent.ts'
import { openChromium, openWindow, settled, signInIn, type Person } from './chromium.ts'
import { signedUp } from './owner.ts'

const SERVER = '/dashboard/t/crowded/s/crowded'
/** More rows than fit in a window of 900 px, including the rows rendered above and below. */
const MAX_ROWS = 60

const { origin } = inject('pages')
let owner: Person
let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
  owner = await signedUp('Crow Ded', 'crowded', { crowded: join(import.meta.dirname, 'servers/crowded') })
})
afterAll(() => browser?.close())

it('activity page and tool list render only the visible rows of 1,000 log lines and 500 tools', async () => {
  const window = await openWindow(browser)
  const { page, faults } = window
  await signInIn(page, owner)
  const agent = await openAgent(`${origin}/crowded/crowded/mcp`, (authorization) => allow(page, authorization))
  const table = page.getByRole('table', { name: 'Activity' })
  const listed = async () => Number(await table.getAttribute('aria-rowcount')) - 1
  const newest = async () => {
    const answer = await page.request.get('/api/tenants/crowded/servers/crowded/activity?kind=line&limit=1')
    return ((await answer.json()) as { items: { message: string }[] }).items[0]?.message
  }
  for (let from = 0; from < 1_000; from += 250) {
    await agent.callTool({ name: 'chat', arguments: { from, lines: 250 } })
    // the platform drops lines that arrive too fast
    await expect.poll(newest).toBe(`line ${from + 249}`)
  }
  await agent.close()

  await page.goto(`${SERVER}/activity?kind=line`)
  await settled(window)
  const older = page.getByRole('button', { name: 'Load older activity' })
  while ((await older.count()) > 0) {
    const before = await listed()
    await older.click()
    await expect.poll(listed).toBeGreaterThan(before)
  }
  expect(await listed()).toBe(1_000)
  const first = table.getByText('line 0', { exact: true })
  await expect.poll(() => page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight)).then(() => first.count())).toBe(1)
  expect(await table.getByRole('row').count()).toBeLessThan(MAX_ROWS)
  await page.evaluate(() => scrollTo(0, 0))
  await table.getByText('line 999', { exact: true }).waitFor()
  expect(await table.getByRole('row').count()).toBeLessThan(MAX_ROWS)

  await page.goto(`${SERVER}/tools`)
  await settled(window)
  await page.getByRole('tab', { name: 'Tools (500)' }).waitFor()
  expect(await page.getByRole('link', { name: /^tool-/ }).count()).toBeLessThan(MAX_ROWS)
  await page.getByLabel('Search tools').fill('tool-499')
  await page.getByRole('link', { name: /^tool-499/ }).click()
  await page.getByRole('heading', { name: 'tool-499' }).waitFor()
  await page.reload() // the list scrolls to the selected tool after a reload
  const list = page.getByRole('list', { name: 'tools' })
  await list.getByRole('link', { name: /^tool-499/ }).waitFor()
  expect(await list.evaluate((element) => element.parentElement?.scrollTop)).toBeGreaterThan(10_000)
  expect(faults).toEqual([])
})
