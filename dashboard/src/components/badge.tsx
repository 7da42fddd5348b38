import type { ReactNode } from 'react'

const TONES = {
  plain: 'border-line bg-ground text-ink',
  good: 'border-transparent bg-good-ground text-good',
  warn: 'border-transparent bg-warn-ground text-warn-ink',
  bad: 'border-transparent bg-bad-ground text-bad',
  accent: 'border-transparent bg-accent-ground text-accent',
}

export function Badge({ tone = 'plain', children }: { tone?: keyof typeof TONES; children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center gap-1 rounded-md border px-1.5 py-px text-[0.8125rem] font-medium whitespace-nowrap ${TONES[tone]}`}
    >
      {children}
    </span>
  )
}
