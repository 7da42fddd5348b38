import type { Client } from '@modelcontextprotocol/client'
import type { Locator, Page } from 'playwright-core'
import { connect, type Mode, ScriptedProvider } from '../../scripts/scripted-client.ts'

/**
 * OAuth provider whose user approves in a browser driven by the test. `approve` opens the
 * authorization URL and returns the redirect to the app.
 */
class Approved extends ScriptedProvider {
  readonly #approve: (authorization: URL) => Promise<URL>

  constructor(approve: (authorization: URL) => Promise<URL>) {
    super({ email: '', password: '' })
    this.#approve = approve
  }

  override async redirectToAuthorization(url: URL): Promise<void> {
    this.callback = await this.#approve(url)
    if (this.callback.searchParams.get('state') !== this.stored.state) throw new Error('state in the redirect does not match the request')
  }
}

/** Connects an official client that has only the URL. */
export function openAgent(url: string, approve: (authorization: URL) => Promise<URL>, mode: Mode = 'auto'): Promise<Client> {
  return connect(url, new Approved(approve), mode)
}

/** Opens the consent page in a new tab and presses Allow. Returns the redirect to the app. */
export async function allow(page: Page, authorization: URL, press = (button: Locator) => button.click()): Promise<URL> {
  const consent = await page.context().newPage()
  await consent.route('http://127.0.0.1:33418/**', (route) => route.fulfill({ body: 'Back in the app.' }))
  await consent.goto(authorization.href)
  await press(consent.getByRole('button', { name: 'Allow' }))
  await consent.waitForURL(/^http:\/\/127\.0\.0\.1:33418\//)
  const back = new URL(consent.url())
  await consent.close()
  return back
}
