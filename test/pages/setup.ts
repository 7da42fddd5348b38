import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import { startLoopbackHosts } from '../support/loopback-hosts.ts'
import { startSite } from '../system/support.ts'
import { furnish } from './furnish.ts'

/**
 * Starts one platform and one browser for all page tests. A test that changes data signs up a
 * person with a separate tenant.
 */
export default async function setup({ provide }: Pick<TestProject, 'provide'>): Promise<() => Promise<void>> {
  const browser = await startChromium()
  const hosts = await startLoopbackHosts()
  const site = await startSite({ DEV_ORIGINS: JSON.stringify(hosts.origins) })
  provide('pages', { origin: site.platform.origin, browser: browser.wsEndpoint(), state: site.state, addresses: await furnish(site) })
  return async () => {
    await browser.close()
    await site.stop()
    await hosts.stop()
  }
}

/** Starts the Chromium of Debian, or the executable named by CHROMIUM. */
function startChromium() {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
  if (!existsSync(executablePath))
    throw new Error(`Chromium not found at ${executablePath}. Run "apt-get install chromium", or set CHROMIUM to another executable.`)
  return chromium.launchServer({
    executablePath,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'],
    ignoreDefaultArgs: ['--hide-scrollbars'],
  })
}
