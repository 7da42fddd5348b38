import { Problem } from '../../protocol/problem.ts'
import type { Role } from '../../store/schema/tenants.ts'
import { isAtLeast } from '../../store/tenants/members.ts'
import type { Gate, TenantRequest } from '../request.ts'

/** Stops members whose role is below this one. They know that the thing is there, so this is no 404. */
export function withRole(role: Role): Gate<TenantRequest> {
  return ({ tenant }) => {
    if (!isAtLeast(tenant.role, role)) {
      throw new Problem(403, 'Not allowed', `This needs the role ${role} in ${tenant.slug}; yours here is ${tenant.role}.`)
    }
  }
}
