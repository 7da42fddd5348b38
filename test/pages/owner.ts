import { join } from 'node:path'
import { inject } from 'vitest'
import { Browser, signUp } from '../../scripts/browser.ts'
import { Management } from '../../scripts/management.ts'
import { ROOT } from '../../scripts/wrangler.ts'
import type { Person } from './chromium.ts'

/** A person with an account and a tenant, in which `hello` is deployed. What their tenant does is nothing to other tests. */
export async function signedUp(name: string, tenant: string): Promise<Person> {
  const person = { name, email: `${name.toLowerCase().replaceAll(' ', '.')}@example.com`, password: 'only for these pages' }
  const browser = new Browser(inject('pages').origin)
  await signUp(browser, person)
  const management = new Management(browser)
  await management.ensureServer(tenant, 'hello')
  await management.deploy(tenant, 'hello', join(ROOT, 'examples/hello'))
  return person
}
