import { useQuery } from '@tanstack/react-query'
import type { RoleName } from '../../../../protocol/api.ts'
import { tenantQuery } from '../tenants/queries.ts'

/** Every role does what those before it do. */
export const ROLES: readonly RoleName[] = ['viewer', 'developer', 'admin', 'owner']

export const ROLE_LABELS: Record<RoleName, string> = {
  viewer: 'viewer: looks',
  developer: 'developer: deploys',
  admin: 'admin: deploys, and says who may connect',
  owner: 'owner: everything',
}

export function isAtLeast(own: RoleName, needed: RoleName): boolean {
  return ROLES.indexOf(own) >= ROLES.indexOf(needed)
}

/** The roles this one may give to others: none above itself. */
export function rolesUpTo(own: RoleName): readonly RoleName[] {
  return ROLES.slice(0, ROLES.indexOf(own) + 1)
}

/** True where the signed-in user is at least `role` in the tenant: what they may not do they are not offered. The API decides. */
export function useRole(tenant: string, role: RoleName): boolean {
  const { data } = useQuery(tenantQuery(tenant))
  return data !== undefined && isAtLeast(data.role, role)
}

/** True if the signed-in user may deploy in the tenant. Undefined while the role is loading. */
export function useMayDeploy(tenant: string): boolean | undefined {
  const { data } = useQuery(tenantQuery(tenant))
  return data && isAtLeast(data.role, 'developer')
}
