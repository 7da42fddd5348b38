import { useState } from 'react'

type Draft = Record<string, unknown>

/** Arguments that are not sent yet: they outlive a reload and the way through the consent page, in this tab. */
export function useDraft(name: string): [draft: Draft, change: (draft: Draft) => void] {
  const [draft, setDraft] = useState(() => read(name))
  const change = (next: Draft) => {
    setDraft(next)
    try {
      sessionStorage.setItem(name, JSON.stringify(next))
    } catch {
      // storage is full or switched off: it lasts until the page is left
    }
  }
  return [draft, change]
}

function read(name: string): Draft {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? '{}') as Draft
  } catch {
    return {}
  }
}
