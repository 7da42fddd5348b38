const WORDS = { error: 'error', warning: 'warning', info: 'note' } as const

/** "2 errors, 1 warning". Undefined if there are no findings. */
export function findingCounts(findings: readonly { severity: keyof typeof WORDS }[]): string | undefined {
  const counts = Object.entries(WORDS).flatMap(([severity, word]) => {
    const count = findings.filter((finding) => finding.severity === severity).length
    return count === 0 ? [] : [`${count} ${word}${count === 1 ? '' : 's'}`]
  })
  return counts.length === 0 ? undefined : counts.join(', ')
}
