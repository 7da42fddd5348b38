import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { startLoopbackHosts } from '../support/loopback-hosts.ts'
import { startSite } from '../system/support.ts'
import { furnish } from './furnish.ts'

/** One platform and one browser for all page tests: what a test changes it makes for itself, as a person or a tenant of its own. */
export default async function setup({ provide }: Pick<TestProject, 'provide'>): Promise<() => Promise<void>> {
  const browser = await startChromium()
  const hosts = await startLoopbackHosts()
  const site = await startSite({ DEV_ORIGINS: JSON.stringify(hosts.origins) })
  provide('pages', { origin: site.platform.origin, browser: browser.wsEndpoint(), addresses: await furnish(site) })
  return async () => {
    await browser.close()
    await site.stop()
    await hosts.stop()
  }
}

/** Debian's Chromium, or the one CHROMIUM names. */
function startChromium() {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
  if (!existsSync(executablePath))
    throw new Error(`There is no Chromium at ${executablePath}: "apt-get install chromium", or name another with CHROMIUM.`)
  return chromium.launchServer({ executablePath, args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'] })
}
