import { isRecord } from '../../protocol/record.ts'
import { error } from '../../protocol/versions/finding.ts'
import { MAX_SURFACE } from '../../protocol/versions/surface-check.ts'
import type { Finding } from '../../protocol/versions/surface.ts'
import type { Ask } from './ask.ts'
import { checkResult } from './check-result.ts'

const MAX_PAGES = 50
const MAX_ENTRIES = { tools: 500, prompts: 500, resources: 2_000, resourceTemplates: 500 }

export type ListField = keyof typeof MAX_ENTRIES

/** Reads every page of a list. Stops at the first error and returns the entries read until then. */
export async function readList(
  ask: Ask,
  method: string,
  field: ListField,
): Promise<{ value: Record<string, unknown>[]; findings: Finding[] }> {
  const entries: Record<string, unknown>[] = []
  const findings: Finding[] = []
  const stopped = (rule: string, message: string) => ({
    value: entries,
    findings: [...findings, error(rule, method, message)],
  })
  const seen = new Set<string>()
  let cursor: string | undefined
  let size = 0
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await ask(method, cursor === undefined ? {} : { cursor })
    if ('error' in reply) return stopped('list', `the capabilities declare this list, but the request failed: ${reply.detail}`)
    const { [field]: listed, nextCursor } = reply.result
    if (!Array.isArray(listed) || !listed.every(isRecord)) return stopped('list', `the result has no list of ${field}`)
    if (page === 0) findings.push(...checkResult(method, reply.result))
    if (entries.length + listed.length > MAX_ENTRIES[field])
      return stopped('list', `more than ${MAX_ENTRIES[field]} ${field}; shorten the list`)
    size += JSON.stringify(listed).length
    if (size > MAX_SURFACE) return stopped('surface-size', `the list has more than ${MAX_SURFACE} characters; shorten the definitions`)
    entries.push(...listed)
    if (nextCursor === undefined || nextCursor === null) return { value: entries, findings }
    if (typeof nextCursor !== 'string' || seen.has(nextCursor)) {
      return stopped('pagination', 'nextCursor must be a string that no earlier page returned; otherwise clients read the list forever')
    }
    seen.add(nextCursor)
    cursor = nextCursor
  }
  return stopped('pagination', `more than ${MAX_PAGES} pages; return more entries per page`)
}
