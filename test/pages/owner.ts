import { join } from 'node:path'
import { inject } from 'vitest'
import { Browser } from '../../scripts/browser.ts'
import { signUp } from '../../scripts/browser-flows.ts'
import { Management } from '../../scripts/management.ts'
import { ROOT } from '../../scripts/wrangler.ts'
import type { Person } from './chromium.ts'

const HELLO = { hello: join(ROOT, 'examples/hello') }

/**
 * Signs up a person with a separate tenant and deploys each server from its directory, so that
 * tests do not affect each other.
 */
export async function signedUp(name: string, tenant: string, servers: Record<string, string> = HELLO): Promise<Person> {
  const person = { name, email: `${name.toLowerCase().replaceAll(' ', '.')}@example.com`, password: 'only for these pages' }
  const browser = new Browser(inject('pages').origin)
  await signUp(browser, person)
  const management = new Management(browser)
  for (const [server, directory] of Object.entries(servers)) {
    await management.ensureServer(tenant, server)
    await management.deploy(tenant, server, directory)
  }
  return person
}
