import type { TenantBody } from '../../../protocol/api.ts'
import { recall, remember } from '../browser/local-storage.ts'

const NAME = 'wharf.tenant'

/** Returns the tenant opened last in this browser, or the first tenant of the user. */
export function lastTenant(tenants: readonly TenantBody[]): TenantBody | undefined {
  const slug = recall(NAME)
  return tenants.find((tenant) => tenant.slug === slug) ?? tenants[0]
}

export function rememberTenant(slug: string): void {
  remember(NAME, slug)
}
