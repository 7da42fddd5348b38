import { z } from 'zod'
import type { RoleName } from '../fields.ts'

/** One operation of the management API, as `/api/openapi.json` describes it. */
export interface Operation {
  id: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path with parameters in braces. */
  path: string
  summary: string
  /** Subject under which the document lists the operation. */
  tag: string
  /** Least role in the tenant. Absent for the account of the caller. */
  role?: RoleName
  /** True if a personal API token is refused, because only a person in a browser may do it. */
  browserOnly?: true
  body?: z.ZodType
  /** Schema of the reply. Absent for 204 without content. */
  reply?: z.ZodType
  /** 201 for a created resource; 200 if absent and `reply` is set. */
  status?: 201
  /** True if an Idempotency-Key makes a repeated request safe. */
  idempotent?: true
  /** Parameters of the query. */
  query?: Record<string, z.ZodType>
}

/** Parameters of a list that comes in pages. */
export const PAGING = {
  limit: z.int().min(1).max(200).default(50),
  before: z.string().describe('The `next` of the page before.'),
}

/** Schema of a whole list. */
export function listOf(item: z.ZodType): z.ZodType {
  return z.object({ items: z.array(item) })
}

/** Schema of a page of a list. */
export function pageOf(item: z.ZodType): z.ZodType {
  const next = z.string().optional().describe('Value of `before` for the next page. Absent on the last page.')
  return z.object({ items: z.array(item), next })
}

/** Gives operations their tag. */
export function about(tag: string, operations: Omit<Operation, 'tag'>[]): Operation[] {
  return operations.map((operation) => ({ ...operation, tag }))
}
