import { Problem } from '../../protocol/problem.ts'
import type { Role } from '../../store/schema/tenants.ts'
import { isAtLeast } from '../../store/tenants/members.ts'
import type { Gate, TenantRequest } from '../request.ts'

/** Throws 403 for members below the role. Members may know that the resource exists, so no 404. */
export function withRole(role: Role): Gate<TenantRequest> {
  return ({ tenant }) => {
    if (!isAtLeast(tenant.role, role)) {
      throw new Problem(403, 'Not allowed', `This requires the role ${role} in ${tenant.slug}; your role is ${tenant.role}.`)
    }
  }
}
