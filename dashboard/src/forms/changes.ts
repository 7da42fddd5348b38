import { useEffect, useState } from 'react'
import { readTab, writeTab } from '../browser/tab-storage.ts'

interface Changes<T extends object> {
  /** Saved values overlaid with the user's changes, as the form shows them. */
  values: T
  /** Values that differ from the saved ones. */
  changed: Partial<T>
  isChanged: boolean
  change: (changes: Partial<T>) => void
  /** Drops changes that are now saved. Keeps fields edited since the values were sent. */
  markSaved: (sent: Partial<T>) => void
}

/**
 * Unsaved changes of a form, kept in sessionStorage. The changes survive a reload and a new
 * sign-in; opening another page of the dashboard discards the changes. Unchanged fields follow the
 * saved values, because another user may update them. Never use this hook for secrets.
 */
export function useChanges<T extends object>(name: string, saved: T): Changes<T> {
  const [key] = useState(() => `wharf.form ${location.pathname} ${name}`)
  const [edits, setEdits] = useState(() => readTab<T>(key))
  useEffect(() => () => writeTab(key, {}), [key])
  const keep = (next: (before: Partial<T>) => Partial<T>) =>
    setEdits((before) => {
      const after = next(before)
      writeTab(key, after)
      return after
    })
  const differingFrom = (other: Partial<T>, these: Partial<T>) =>
    Object.fromEntries(Object.entries(these).filter(([field, value]) => value !== other[field as keyof T])) as Partial<T>
  const changed = differingFrom(saved, edits)
  return {
    values: { ...saved, ...edits },
    changed,
    isChanged: Object.keys(changed).length > 0,
    // drops a field that is back at the saved value
    change: (changes) => keep((before) => differingFrom(saved, { ...before, ...changes })),
    markSaved: (sent) => keep((before) => differingFrom(sent, before)),
  }
}
