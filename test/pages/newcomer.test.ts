import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { allow, openAgent } from './agent.ts'
import { openChromium, openWindow, signUpIn } from './chromium.ts'

const MAX_STEPS = 3
const MAX_INTERACTIONS = 12

let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser?.close())

/** Clicks and fills in fields, and counts each as one interaction. */
class Hand {
  interactions = 0
  async click(target: Locator): Promise<void> {
    await target.click()
    this.interactions += 1
  }
  async fill(target: Locator, text: string): Promise<void> {
    await target.fill(text)
    this.interactions += 1
  }
}

const stepOf = async (page: Page): Promise<number> =>
  Number(
    /Step (\d) of \d/.exec(
      await page
        .getByText(/Step \d of \d/)
        .first()
        .innerText(),
    )?.[1],
  )

it('new user gets from sign-up to the first call of an agent in three steps', async () => {
  const { page, faults } = await openWindow(browser)
  await signUpIn(page, { name: 'New Comer', email: 'newcomer@example.com', password: 'a long enough password' })
  const signedUp = Date.now()
  const hand = new Hand()
  const steps: number[] = []

  steps.push(await stepOf(page))
  await hand.fill(page.getByLabel('Name'), 'Harbour Works')
  await hand.click(page.getByRole('button', { name: 'Create tenant' }))

  await page.waitForURL(/\/t\/harbour-works\/new/)
  steps.push(await stepOf(page))
  await hand.click(page.getByRole('radio', { name: /hello/i }))
  await hand.click(page.getByRole('button', { name: 'Deploy' }))

  await page.waitForURL(/\/t\/harbour-works\/s\/[a-z0-9-]+/)
  steps.push(await stepOf(page))
  await page.getByText('Waiting for the first client').waitFor()
  await hand.click(page.getByRole('button', { name: /copy.*the endpoint/i }))
  const url = await page.evaluate(() => navigator.clipboard.readText())
  expect(url).toMatch(/^http:\/\/localhost:\d+\/harbour-works\/[a-z0-9-]+\/mcp$/)

  // the agent has only the URL, and opens the browser of its user
  const agent = await openAgent(url, (authorization) => allow(page, authorization, (button) => hand.click(button)))
  const [tool] = (await agent.listTools()).tools
  const answer = await agent.callTool({ name: tool?.name ?? '', arguments: { name: 'newcomer' } })
  const answered = Date.now()
  expect(answer.isError).not.toBe(true)
  await agent.close()

  await page.getByText('The server works').waitFor()
  const interactive = await page.evaluate(() => performance.getEntriesByType('navigation')[0]?.toJSON().domInteractive as number)
  console.log(
    `From sign-up to the first result: ${new Set(steps).size} steps, ${hand.interactions} interactions, ${((answered - signedUp) / 1000).toFixed(1)} s; the dashboard was interactive after ${Math.round(interactive)} ms.`,
  )
  expect(new Set(steps).size).toBeLessThanOrEqual(MAX_STEPS)
  expect(hand.interactions).toBeLessThanOrEqual(MAX_INTERACTIONS)
  expect(faults).toEqual([])
})
