import { z } from 'zod'
import { isSlug } from '../location.ts'
import { MACHINE_SCOPES, covers } from '../oauth/scope.ts'
import { findHiding, visibleName } from '../visible-text.ts'

/* Shared fields, pages of lists, and the problem document. */

/** A line of text, with the invisible characters that its writing system needs. */
export const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^\P{Cc}*$/u, 'must not contain control characters')
    .refine((line) => findHiding(line) === undefined, {
      error: ({ input }) => {
        const { character = '', position = 0 } = findHiding(String(input)) ?? {}
        return `has the character ${character} at position ${position}, which only hides`
      },
    })
/** Name for other parties to read, in a single spelling. */
export const name = z.string().transform((line, context) => {
  const { name: visible, problem } = visibleName(line)
  if (problem === undefined) return visible
  context.addIssue({ code: 'custom', message: problem })
  return z.NEVER
})
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
