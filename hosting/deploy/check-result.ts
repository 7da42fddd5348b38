import { error, warning } from '../../protocol/versions/finding.ts'
import type { Finding } from '../../protocol/versions/surface.ts'

/**
 * Checks the fields that revision 2026-07-28 requires of discover and list results. A missing field
 * is only a warning, because the platform adds a default.
 */
export function checkResult(subject: string, { resultType, ttlMs, cacheScope }: Record<string, unknown>): Finding[] {
  const findings: Finding[] = []
  if (resultType === undefined) {
    findings.push(warning('result', subject, 'resultType is missing and counts as "complete"'))
  } else if (resultType !== 'complete') {
    findings.push(error('result', subject, 'resultType must be "complete"'))
  }
  if (!Number.isSafeInteger(ttlMs) || Number(ttlMs) < 0 || (cacheScope !== 'public' && cacheScope !== 'private')) {
    findings.push(warning('result', subject, 'ttlMs and cacheScope are missing, so clients cannot cache the result'))
  }
  return findings
}
