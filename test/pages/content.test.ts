import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openChromium, openWindow, settled, signInIn, sidewaysFault } from './chromium.ts'
import { signedUp } from './owner.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser?.close())

it('tenant writes, deploys, changes and rolls back a server of prompts and documents', async () => {
  const window = await openWindow(browser)
  const { page, faults } = window
  await signInIn(page, await signedUp('Conny Content', 'contents'))
  await page.goto('/dashboard/t/contents/new')
  await page.getByRole('radio', { name: 'Prompts and documents' }).click()
  await page.getByLabel('Name').fill('Handbook')
  await page.getByRole('button', { name: 'Open editor' }).click()
  await page.getByRole('heading', { name: 'Prompts and documents' }).waitFor()

  // an empty prompt is refused before anything is sent
  await page.getByRole('button', { name: 'Add prompt' }).click()
  const deploy = () => page.getByRole('button', { name: 'Deploy' }).first().click()
  await deploy()
  await page.getByText('2 fields are not valid.').waitFor()
  const prompt = page.getByRole('group', { name: 'Prompt 1', exact: true })
  await prompt.getByLabel('Name', { exact: true }).first().fill('answer')
  await prompt.getByLabel('Text').fill('Answer {{question}} from the handbook.')
  await prompt.getByRole('button', { name: 'Add argument' }).click()
  await page.getByRole('group', { name: 'Argument 1 of prompt 1' }).getByLabel('Name', { exact: true }).fill('question')
  await page.getByRole('button', { name: 'Add document' }).click()
  const document = page.getByRole('group', { name: 'Document 1' })
  await document.getByLabel('URI').fill('handbook://leave')
  await document.getByLabel('Name', { exact: true }).fill('leave')
  await document.getByLabel('Text').fill('# Leave')

  await page.reload()
  expect(await page.getByRole('group', { name: 'Document 1' }).getByLabel('Text').inputValue()).toBe('# Leave')
  await deploy()
  await page.getByText('Version 1 is active.').waitFor()
  await settled(window)
  for (const width of [1440, 360]) {
    await page.setViewportSize({ width, height: 900 })
    expect(await sidewaysFault(page)).toBeUndefined()
    await page.screenshot({ path: `results/pages/content-${width}.png`, fullPage: true })
  }
  await page.setViewportSize({ width: 1440, height: 900 })

  await page.getByRole('group', { name: 'Document 1' }).getByLabel('Text').fill('# Leave of absence')
  await deploy()
  await page.getByText('Version 2 is active.').waitFor()

  const server = new URL(page.url()).pathname.replace(/\/content$/, '')
  await page.goto(`${server}/versions/compare?from=1&to=2`)
  await page.getByRole('tab', { name: 'Content' }).click()
  await page.getByText('Document handbook://leave').waitFor()
  await page.goto(`${server}/versions/1`)
  await page.getByRole('tab', { name: 'Content' }).click()
  await page.getByRole('link', { name: 'Edit this version' }).waitFor()
  await page.screenshot({ path: 'results/pages/content-version.png', fullPage: true })
  await page.getByRole('button', { name: 'Roll back to this version' }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Roll back/ })
    .click()
  await page.getByText('Active', { exact: true }).first().waitFor()

  // the code page of a server without code leads to its content
  await page.goto(`${server}/code`)
  await page.getByRole('heading', { name: 'Prompts and documents' }).waitFor()
  expect(await page.getByRole('group', { name: 'Document 1' }).getByLabel('Text').inputValue()).toBe('# Leave')
  expect(faults).toEqual([])
})
