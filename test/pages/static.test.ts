import { mkdir } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { accessibilityFaults, heightOf, openChromium, openWindow, settled, sidewaysFault, signInIn, type Person } from './chromium.ts'
import { signedUp } from './owner.ts'

const PICTURES = 'results/pages/static'

let owner: Person
let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
  owner = await signedUp('Hand Book', 'staff')
  await mkdir(PICTURES, { recursive: true })
})
afterAll(() => browser?.close())

it('the content editor deploys, changes and rolls back a server when it was created without code', async () => {
  const window = await openWindow(browser)
  const { page, faults } = window
  const found: string[] = []
  const look = async (name: string) => {
    await settled(window)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const width of [1440, 360]) {
        await page.setViewportSize({ width, height: heightOf(width) })
        await page.screenshot({ path: `${PICTURES}/${name}-${colorScheme}-${width}.png`, fullPage: true, animations: 'disabled' })
        const wide = await sidewaysFault(page)
        const all = [...(await accessibilityFaults(page)), ...(wide === undefined ? [] : [wide])]
        found.push(...all.map((fault) => `${name}, ${colorScheme} at ${width} px: ${fault}`))
      }
    }
    await page.setViewportSize({ width: 1440, height: heightOf(1440) })
  }
  const deploy = () => page.getByRole('button', { name: 'Deploy', exact: true }).first().click()
  await signInIn(page, owner)

  await page.goto('/dashboard/t/staff/new')
  await page.getByRole('radio', { name: /^Prompts and documents/ }).click()
  await page.getByLabel('Name').fill('Handbook')
  await look('new-server')
  await page.getByRole('button', { name: 'Open editor' }).click()
  await page.waitForURL(/\/s\/handbook\/content$/)
  await page.getByText('No prompts').waitFor()
  await look('content-empty')

  // a missing field takes the focus
  await page.getByRole('button', { name: 'Add prompt' }).click()
  await deploy()
  await page.getByText('Name is missing.').waitFor()
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-invalid'))).toBe('true')
  await look('content-faults')
  await page.getByLabel('Name', { exact: true }).fill('answer')
  await page.getByRole('button', { name: 'Add argument' }).click()
  await page.getByRole('group', { name: 'Argument 1' }).getByLabel('Name').fill('question')
  await page.getByLabel('Text', { exact: true }).fill('Answer {{question}}')
  await page.getByRole('tab', { name: /^Documents/ }).click()
  await page.getByRole('button', { name: 'Add document' }).click()
  await page.getByLabel('URI').fill('handbook://leave')
  await page.getByLabel('Name', { exact: true }).fill('leave')
  await page.getByLabel('Text', { exact: true }).fill('# Leave')
  await look('content-document')

  // the draft survives a reload
  await page.getByText('Saved in this browser').waitFor()
  await page.reload()
  await page.getByRole('tab', { name: 'Documents (1)' }).waitFor()
  await deploy()
  await page.getByText('Version 1 is active').waitFor({ timeout: 60_000 })
  await look('content-deployed')

  await page.getByRole('button', { name: 'answer', exact: true }).click()
  await page.getByLabel('Description').first().fill('Answers from the handbook.')
  await look('content-prompt')
  await deploy()
  await page.getByText('Version 2 is active').waitFor({ timeout: 60_000 })

  const versions = '/dashboard/t/staff/s/handbook/versions'
  await page.goto(`${versions}/2`)
  await page.getByRole('tab', { name: 'Content' }).click()
  await page.locator('summary').first().click()
  await look('version')
  await page.goto(`${versions}/compare?from=1&to=2`)
  await page.getByRole('tab', { name: 'Content' }).click()
  await page.getByText('Prompt answer').waitFor()
  await look('compare')
  await page.goto(versions)
  await page.getByText('Prompts and documents').first().waitFor()
  await look('versions')
  await page.getByRole('button', { name: 'Actions for version 1' }).click()
  await page.getByRole('menuitem', { name: 'Roll back to this version' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click()
  await page.getByText('Version 1 is active.', { exact: true }).waitFor()

  await page.goto('/dashboard/t/staff/s/handbook/code')
  await page.waitForURL(/\/content$/)
  expect([...found, ...faults]).toEqual([])
})
