import type { Client } from '@modelcontextprotocol/client'
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
