import { z } from 'zod'
import { isSlug } from '../location.ts'
import { MACHINE_SCOPES, covers } from '../oauth/scope.ts'
import { PLAIN_LINE } from '../plain-text.ts'

/* Shared fields, pages of lists, and the problem document. */

export const text = (max: number) => z.string().trim().max(max).regex(PLAIN_LINE, 'must not contain control characters')
export const name = text(100).min(1, 'must not be empty')
export const slug = z.string().refine(isSlug, 'must be 3 to 30 characters: a-z, 0-9 and single hyphens between them')

export const ROLE = z.enum(['viewer', 'developer', 'admin', 'owner'])
export type RoleName = z.infer<typeof ROLE>

/** Scopes of a machine client. `mcp:write` adds `mcp:read`, which every call requires. */
export const machineScopes = z
  .array(z.enum(MACHINE_SCOPES))
  .max(10)
  .transform((scopes) => MACHINE_SCOPES.filter((scope) => covers(scopes, scope)))
/** Tool names. Null means all tools, tools of later versions included. */
export const tools = z.array(z.string().min(1).max(128)).max(500).nullable().default(null)

/** Time in UTC, ISO 8601. */
export const time = z.iso.datetime()

export interface Page<T> {
  items: T[]
  /** Value of `before` for the next page. Absent on the last page. */
  next?: string
}

/** Problem document (RFC 9457). `errors` names invalid fields by JSON Pointer (RFC 6901). */
export const problemBody = z.object({
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
})
export type ProblemBody = z.infer<typeof problemBody>
