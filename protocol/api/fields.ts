import { z } from 'zod'
import { isSlug } from '../location.ts'
import { MACHINE_SCOPES, covers } from '../oauth/scope.ts'
import { PLAIN_LINE } from '../plain-text.ts'

/*
 * Fields that several bodies have, and what every list and every refusal looks like.
 */

export const text = (max: number) => z.string().trim().max(max).regex(PLAIN_LINE, 'must not have control characters')
export const name = text(100).min(1, 'must not be empty')
export const slug = z.string().refine(isSlug, 'must be 3 to 30 of a-z and 0-9, with single hyphens between')

export const ROLE = z.enum(['viewer', 'developer', 'admin', 'owner'])
export type RoleName = z.infer<typeof ROLE>

/** At most what a client that acts for itself can have; `mcp:write` brings `mcp:read` along, without which nothing can be done. */
export const machineScopes = z
  .array(z.enum(MACHINE_SCOPES))
  .max(10)
  .transform((scopes) => MACHINE_SCOPES.filter((scope) => covers(scopes, scope)))
/** Names of tools; null = all, those of later versions too. */
export const tools = z.array(z.string().min(1).max(128)).max(500).nullable().default(null)

export interface Page<T> {
  items: T[]
  /** Pass as `before` for the page after this; absent on the last. */
  next?: string
}

/** A refusal (RFC 9457). `errors` names what is wrong by JSON Pointer (RFC 6901). */
export interface ProblemBody {
  title: string
  status: number
  detail: string
  errors?: { pointer: string; detail: string }[]
}
