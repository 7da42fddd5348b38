import { useState } from 'react'
import { writeTab, readTab } from '../../../browser/tab-storage.ts'

type Draft = Record<string, unknown>

/**
 * Arguments that are not sent yet: they outlive a reload and the way through the consent page, in
 * this tab.
 */
export function useDraft(name: string): [draft: Draft, change: (draft: Draft) => void] {
  const [draft, setDraft] = useState(() => readTab<Draft>(name))
  const change = (next: Draft) => {
    setDraft(next)
    writeTab(name, next)
  }
  return [draft, change]
}

/** What is written as JSON and is none yet, of the arguments that are kept as `name`. */
export function unfinishedName(name: string): string {
  return `${name}:json`
}

/** Other arguments in their place. */
export function replaceDraft(name: string, draft: Draft): void {
  writeTab(name, draft)
  writeTab(unfinishedName(name), {})
}
