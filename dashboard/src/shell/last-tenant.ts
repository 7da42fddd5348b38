import type { TenantBody } from '../../../protocol/api.ts'
import { recall, remember } from '../browser/local-storage.ts'

const NAME = 'wharf.tenant'

/** Where somebody last was, or else the first they are a member of. */
export function lastTenant(tenants: readonly TenantBody[]): TenantBody | undefined {
  const slug = recall(NAME)
  return tenants.find((tenant) => tenant.slug === slug) ?? tenants[0]
}

export function rememberTenant(slug: string): void {
  remember(NAME, slug)
}
