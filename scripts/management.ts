import { bundle } from './bundle.ts'
import type { Browser } from './browser.ts'

/** The management API as a signed-in user's browser calls it. */
export class Management {
  readonly #browser: Browser

  constructor(browser: Browser) {
    this.#browser = browser
  }

  /** Undefined for 404. Throws with the problem's own words for anything else that is not a success. */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const json = body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
    const response = await this.#browser.fetch(path, { method, ...json })
    if (response.status === 404 && method === 'GET') return undefined
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 2000)}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  /** Creates what of tenant and hosted server is missing; what is there stays as it is. */
  async ensureServer(tenant: string, server: string, settings: Record<string, unknown> = {}): Promise<void> {
    if (!(await this.call('GET', `/api/tenants/${tenant}`))) await this.call('POST', '/api/tenants', { slug: tenant, name: titled(tenant) })
    const path = `/api/tenants/${tenant}/servers`
    if (await this.call('GET', `${path}/${server}`)) return
    await this.call('POST', path, { slug: server, name: titled(server) })
    if (Object.keys(settings).length > 0) await this.call('PATCH', `${path}/${server}`, settings)
  }

  /** Uploads an example's directory as a version and activates it. */
  async deploy(tenant: string, server: string, directory: string): Promise<void> {
    await this.call('POST', `/api/tenants/${tenant}/servers/${server}/versions`, { ...(await bundle(directory)), activate: true })
  }
}

function titled(slug: string): string {
  return slug.charAt(0).toUpperCase() + slug.slice(1)
}
