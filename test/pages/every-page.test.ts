import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PERSON } from '../system/support.ts'
import { accessibilityFaults, expectNoSidewaysScroll, openChromium, openWindow, settled, signInIn, type Theme } from './chromium.ts'
import { furnishedSite, type Furnished } from './furnished.ts'

/** Where the pictures go: one folder for each theme and width. */
const PICTURES = 'results/pages'

let site: Furnished
let browser: Browser
beforeAll(async () => {
  ;[site, browser] = await Promise.all([furnishedSite(), openChromium()])
})
afterAll(async () => {
  await browser?.close()
  await site?.stop()
})

const SIGNED_OUT: [name: string, path: string][] = [
  ['landing', '/dashboard/'],
  ['sign-in', '/auth/sign-in'],
  ['sign-up', '/auth/sign-up'],
  ['server-page', '/demo/everything'],
  ['no-server-page', '/demo/no-such-server'],
]

const TENANT = '/dashboard/t/demo'
const SERVER = `${TENANT}/s/everything`
const SIGNED_IN: [name: string, path: string][] = [
  ['welcome', '/dashboard/welcome'],
  ['apps', '/dashboard/apps'],
  ['account', '/dashboard/account'],
  ['servers', TENANT],
  ['new-server', `${TENANT}/new`],
  ['people', `${TENANT}/people`],
  ['clients', `${TENANT}/clients`],
  ['audit', `${TENANT}/audit`],
  ['tenant-settings', `${TENANT}/settings`],
  ['overview', SERVER],
  ['overview-empty', `${TENANT}/s/empty`],
  ['code', `${SERVER}/code`],
  ['versions', `${SERVER}/versions`],
  ['version', `${SERVER}/versions/1`],
  ['versions-compared', `${SERVER}/versions/compare?from=1&to=2`],
  ['tools', `${SERVER}/tools`],
  ['access-rules', `${SERVER}/access`],
  ['access-apps', `${SERVER}/access?tab=apps`],
  ['access-machines', `${SERVER}/access?tab=machines`],
  ['access-keys', `${SERVER}/access?tab=keys`],
  ['activity', `${SERVER}/activity`],
  ['server-settings', `${SERVER}/settings`],
  ['not-found', '/dashboard/no-such-page'],
  ['device', '/device'],
]

const LOOKS: [theme: Theme, width: number][] = [
  ['light', 1440],
  ['dark', 1440],
  ['light', 360],
  ['dark', 360],
]

it.each(LOOKS)('every page is accessible and fits, %s at %i px', async (theme, width) => {
  const pictures = join(PICTURES, `${theme}-${width}`)
  await mkdir(pictures, { recursive: true })
  const { context, page, faults } = await openWindow(browser, site.platform.origin, { theme, width })
  const found: string[] = []
  const look = async (name: string, path: string) => {
    await page.goto(path)
    await settled(page)
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
    await expectNoSidewaysScroll(page, name)
    found.push(...(await accessibilityFaults(page)).map((fault) => `${name}: ${fault}`))
  }
  for (const [name, path] of SIGNED_OUT) await look(name, path)
  await signInIn(page, PERSON)
  for (const [name, path] of SIGNED_IN) await look(name, path)
  await look('consent', site.consentUrl)
  await context.close()
  expect(found).toEqual([])
  expect(faults).toEqual([])
})
