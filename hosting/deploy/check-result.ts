import { error, warning } from '../../protocol/versions/finding.ts'
import type { Finding } from '../../protocol/versions/surface.ts'

/**
 * Checks the fields that revision 2026-07-28 requires of discover and list results. Missing fields earn
 * a warning only, because the platform supplies a default.
 */
export function checkResult(subject: string, { resultType, ttlMs, cacheScope }: Record<string, unknown>): Finding[] {
  const findings: Finding[] = []
  if (resultType === undefined) {
    findings.push(warning('result', subject, 'its result does not say resultType, which is taken to be "complete"'))
  } else if (resultType !== 'complete') {
    findings.push(error('result', subject, 'its result says another resultType than "complete", which a list cannot'))
  }
  if (!Number.isSafeInteger(ttlMs) || Number(ttlMs) < 0 || (cacheScope !== 'public' && cacheScope !== 'private')) {
    findings.push(warning('result', subject, 'its result says no ttlMs and cacheScope, so nobody may cache it'))
  }
  return findings
}
