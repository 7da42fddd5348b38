import { bundle } from './bundle.ts'
import type { Browser } from './browser.ts'
import { readStaticFolder } from './static-folder.ts'

/** Client of the management API, signed in by the browser's cookies. */
export class Management {
  readonly #browser: Browser

  constructor(browser: Browser) {
    this.#browser = browser
  }

  /**
   * Returns undefined for a GET with status 404. Throws an error with the problem's text for any
   * other failure.
   */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const json = body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
    const response = await this.#browser.fetch(path, { method, ...json })
    if (response.status === 404 && method === 'GET') return undefined
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} returned ${response.status}: ${text.slice(0, 2000)}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  /** Creates the tenant and the hosted server if missing. Existing ones stay unchanged. */
  async ensureServer(tenant: string, server: string, settings: Record<string, unknown> = {}): Promise<void> {
    if (!(await this.call('GET', `/api/tenants/${tenant}`))) await this.call('POST', '/api/tenants', { slug: tenant, name: titled(tenant) })
    const path = `/api/tenants/${tenant}/servers`
    if (await this.call('GET', `${path}/${server}`)) return
    await this.call('POST', path, { slug: server, name: titled(server) })
    if (Object.keys(settings).length > 0) await this.call('PATCH', `${path}/${server}`, settings)
  }

  /** Uploads an example's directory as a version, and activates the version. */
  async deploy(tenant: string, server: string, directory: string): Promise<void> {
    const upload = (await readStaticFolder(directory)) ?? (await bundle(directory))
    await this.call('POST', `/api/tenants/${tenant}/servers/${server}/versions`, { ...upload, activate: true })
  }
}

function titled(slug: string): string {
  return slug.charAt(0).toUpperCase() + slug.slice(1)
}
