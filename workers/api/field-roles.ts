import type { FieldRoles } from '../../protocol/api/field-roles.ts'
import type { RoleName } from '../../protocol/api/fields.ts'
import { Problem } from '../../protocol/problem.ts'
import { isAtLeast } from '../../store/tenants/members.ts'
import type { OwnTenant } from '../../store/tenants/tenants.ts'

/** Throws 403 with each field of the body that requires a higher role than the caller's. */
export function mustWrite<T extends object>({ slug, role }: OwnTenant, roles: FieldRoles<T>, body: T): void {
  const refused = Object.entries<RoleName>(roles).flatMap(([field, needed]) =>
    (body as Record<string, unknown>)[field] !== undefined && !isAtLeast(role, needed) ? [{ field, needed }] : [],
  )
  const [first] = refused
  if (!first) return
  const named = refused.map(({ field }) => `\`${field}\``).join(', ')
  const verb = refused.length === 1 ? 'requires' : 'require'
  throw new Problem(403, 'Not allowed', `${named} ${verb} the role ${first.needed} in ${slug}; your role is ${role}.`, {
    errors: refused.map(({ field, needed }) => ({ pointer: `/${field}`, detail: `requires the role ${needed}; your role is ${role}` })),
  })
}
