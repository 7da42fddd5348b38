import type { ActivitySummaryBody } from '../../../../protocol/api.ts'

export function callsSummary({ buckets }: ActivitySummaryBody, period: string): string {
  const [calls, failed] = buckets.reduce(([sum, bad], bucket) => [sum + bucket.calls, bad + bucket.failed], [0, 0])
  if (calls === 0) return `No calls in ${period}.`
  const counted = calls === 1 ? '1 call' : `${calls.toLocaleString('en')} calls`
  const failures = failed === 0 ? 'none failed' : failed === 1 ? '1 failed' : `${failed.toLocaleString('en')} failed`
  return `${counted} in ${period}, ${failures}.`
}
