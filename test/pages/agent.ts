import type { Client } from '@modelcontextprotocol/client'
import type { Locator, Page } from 'playwright-core'
import { connect, type Mode, ScriptedProvider } from '../../scripts/scripted-client.ts'

/** Whose user is at a browser that this test drives: `approve` opens the authorization URL there and gives back where the browser was sent. */
class Approved extends ScriptedProvider {
  readonly #approve: (authorization: URL) => Promise<URL>

  constructor(approve: (authorization: URL) => Promise<URL>) {
    super({ email: '', password: '' })
    this.#approve = approve
  }

  override async redirectToAuthorization(url: URL): Promise<void> {
    this.callback = await this.#approve(url)
    if (this.callback.searchParams.get('state') !== this.stored.state) throw new Error('another state came back than was sent')
  }
}

/** An agent on the official SDK that knows nothing but a URL. */
export function openAgent(url: string, approve: (authorization: URL) => Promise<URL>, mode: Mode = 'auto'): Promise<Client> {
  return connect(url, new Approved(approve), mode)
}

/** The person at this browser lets the app in, by `press`ing the button. Where the browser is sent then. */
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
