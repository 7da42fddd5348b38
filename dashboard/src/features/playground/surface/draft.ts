import { useState } from 'react'
import { writeTab, readTab } from '../../../browser/tab-storage.ts'

type Draft = Record<string, unknown>

/** Draft of arguments in sessionStorage, which survives a reload and the consent page. */
export function useDraft(name: string): [draft: Draft, change: (draft: Draft) => void] {
  const [draft, setDraft] = useState(() => readTab<Draft>(name))
  const change = (next: Draft) => {
    setDraft(next)
    writeTab(name, next)
  }
  return [draft, change]
}

/** sessionStorage key of typed text that is not valid JSON. */
export function invalidJsonName(name: string): string {
  return `${name}:json`
}

/** Replaces a draft with other arguments. */
export function replaceDraft(name: string, draft: Draft): void {
  writeTab(name, draft)
  writeTab(invalidJsonName(name), {})
}
