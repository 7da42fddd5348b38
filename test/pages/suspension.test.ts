import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { ROOT } from '../../scripts/wrangler.ts'
import { accessibilityFaults, openChromium, openWindow, settled, sidewaysFault, signInIn } from './chromium.ts'
import { signedUp } from './owner.ts'

const WHY = 'The invoice of October is not paid'

let browser: Browser
beforeAll(async () => {
  browser = await openChromium()
})
afterAll(() => browser?.close())

function operator(...args: string[]): void {
  execFileSync(process.execPath, ['scripts/run.js', 'operator', ...args, '--state', inject('pages').state], { cwd: ROOT })
}

it.each([1440, 360])('dashboard says on every page of a suspended tenant why, at %d px', async (width) => {
  const tenant = `stopped-${width}`
  const person = await signedUp(`Stopped ${width}`, tenant)
  const window = await openWindow(browser, { width })
  const { page } = window
  await signInIn(page, person)
  const banner = page.getByRole('region', { name: 'Tenant suspended' })
  await page.goto(`/dashboard/t/${tenant}`)
  await settled(window)
  expect(await banner.count()).toBe(0)

  operator('suspend', tenant, '--why', WHY)
  for (const path of ['', '/s/hello', '/settings', '/people', '/s/hello/settings']) {
    await page.goto(`/dashboard/t/${tenant}${path}`)
    await settled(window)
    expect(await banner.innerText()).toContain(WHY)
    expect(await sidewaysFault(page)).toBeUndefined()
  }
  expect(await accessibilityFaults(page)).toEqual([])
  mkdirSync(join(ROOT, 'results/pages'), { recursive: true })
  await page.screenshot({ path: join(ROOT, `results/pages/suspended-${width}.png`) })

  await page.goto(`/dashboard/t/${tenant}/settings`)
  await page.getByLabel('Name').fill('Another name')
  await page.getByRole('button', { name: /save/i }).click()
  await page.getByText('Contact the operator of this platform.').waitFor()

  operator('resume', tenant)
  await page.reload()
  await settled(window)
  expect(await banner.count()).toBe(0)
  await window.context.close()
})
