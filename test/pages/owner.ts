import { inject } from 'vitest'
import { Browser, signUp } from '../../scripts/browser.ts'
import { Management } from '../../scripts/management.ts'

export interface Owner {
  person: { name: string; email: string; password: string }
  management: Management
}

/** A person with an account, who owns what they go on to make. What their tenants do is nothing to other tests. */
export async function signedUp(name: string): Promise<Owner> {
  const person = { name, email: `${name.toLowerCase().replaceAll(' ', '.')}@example.com`, password: 'only for these pages' }
  const browser = new Browser(inject('pages').origin)
  await signUp(browser, person)
  return { person, management: new Management(browser) }
}
