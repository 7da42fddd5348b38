import { useQuery } from '@tanstack/react-query'
import type { RoleName } from '../../../../protocol/api.ts'
import { tenantQuery } from '../tenants/queries.ts'

/** Roles in ascending order. A role includes the permissions of lower roles. */
export const ROLES: readonly RoleName[] = ['viewer', 'developer', 'admin', 'owner']

export const ROLE_LABELS: Record<RoleName, string> = {
  viewer: 'Viewer: views',
  developer: 'Developer: deploys',
  admin: 'Admin: deploys and manages access',
  owner: 'Owner: full control',
}

export function isAtLeast(own: RoleName, needed: RoleName): boolean {
  return ROLES.indexOf(own) >= ROLES.indexOf(needed)
}

/** Returns the roles assignable by a user with the given role. */
export function rolesUpTo(own: RoleName): readonly RoleName[] {
  return ROLES.slice(0, ROLES.indexOf(own) + 1)
}

/**
 * Returns true if the user has at least this role in the tenant. Hides actions only; the API
 * enforces roles.
 */
export function useRole(tenant: string, role: RoleName): boolean {
  const { data } = useQuery(tenantQuery(tenant))
  return data !== undefined && isAtLeast(data.role, role)
}

/** Returns true if the user may deploy in the tenant. Undefined while loading. */
export function useMayDeploy(tenant: string): boolean | undefined {
  const { data } = useQuery(tenantQuery(tenant))
  return data && isAtLeast(data.role, 'developer')
}
