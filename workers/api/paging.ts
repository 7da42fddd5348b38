import type { Page } from '../../protocol/api/fields.ts'
import { Problem } from '../../protocol/problem.ts'
import type { PageCursor, PageRequest } from '../../store/paging.ts'
import type { AppRequest } from '../request.ts'

const MAX_LIMIT = 200

/** Parses `?limit=` and `?before=` of a list. */
export function pageOf(request: AppRequest): { limit: number; before: string | undefined } {
  const { searchParams } = new URL(request.url)
  const limit = searchParams.get('limit') ?? '50'
  const before = searchParams.get('before') ?? undefined
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > MAX_LIMIT) {
    throw new Problem(400, 'Invalid request', `limit must be 1 to ${MAX_LIMIT}.`, {
      errors: [{ pointer: '/limit', detail: `must be 1 to ${MAX_LIMIT}` }],
    })
  }
  return { limit: Number(limit), before }
}

export function badBefore(): Problem {
  return new Problem(400, 'Invalid request', 'before must be the `next` value of an earlier page.', {
    errors: [{ pointer: '/before', detail: 'is not the `next` value of a page' }],
  })
}

/**
 * Splits rows, fetched with a limit one above the page size, into the page and the start of the
 * next page.
 */
export function cutToPage<T>(found: readonly T[], limit: number, cursorAfter: (last: T) => string): { rows: T[]; next: { next?: string } } {
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return { rows, next: found.length > limit && last !== undefined ? { next: cursorAfter(last) } : {} }
}

/** Returns a page of a list ordered by time. */
export async function pageByTime<T extends PageCursor, Body>(
  request: AppRequest,
  find: (page: PageRequest) => Promise<T[]>,
  bodyOf: (row: T) => Body,
): Promise<Page<Body>> {
  const { limit, before } = pageOf(request)
  const found = await find({ limit: limit + 1, before: cursorOf(before) })
  const { rows, next } = cutToPage(found, limit, cursorAfter)
  return { items: rows.map(bodyOf), ...next }
}

/** Returns the value of `before` for the rows after this row. */
export function cursorAfter({ createdAt, id }: PageCursor): string {
  return `${Math.floor(createdAt.getTime() / 1000)}.${id}`
}

export function cursorOf(before: string | undefined): PageCursor | undefined {
  if (before === undefined) return undefined
  const [, seconds = '', id = ''] = /^(\d{1,12})\.([\w-]{1,64})$/.exec(before) ?? []
  if (id === '') throw badBefore()
  return { createdAt: new Date(Number(seconds) * 1000), id }
}
