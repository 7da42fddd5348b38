import { useEffect, useState } from 'react'
import { keepInTab, readKept } from '../browser/tab-storage.ts'

interface Changes<T extends object> {
  /** As the form shows them: what was changed in it over what is saved. */
  values: T
  /** Only those that would be other than what is saved. */
  changed: Partial<T>
  isChanged: boolean
  change: (changes: Partial<T>) => void
  /** These are saved; what was changed again meanwhile is not. */
  settle: (sent: Partial<T>) => void
}

/**
 * What somebody changed in a form and has not saved. It outlives a reload, and a sign-in that ended and was renewed, in this tab; leaving for another page of the
 * dashboard gives it up. What they left alone goes on showing what is saved, which somebody else may change meanwhile. No secret goes in here.
 */
export function useChanges<T extends object>(name: string, saved: T): Changes<T> {
  const [key] = useState(() => `wharf.form ${location.pathname} ${name}`)
  const [made, setMade] = useState(() => readKept<T>(key))
  useEffect(() => () => keepInTab(key, {}), [key])
  const keep = (next: (before: Partial<T>) => Partial<T>) =>
    setMade((before) => {
      const after = next(before)
      keepInTab(key, after)
      return after
    })
  const differingFrom = (other: Partial<T>, these: Partial<T>) =>
    Object.fromEntries(Object.entries(these).filter(([field, value]) => value !== other[field as keyof T])) as Partial<T>
  const changed = differingFrom(saved, made)
  return {
    values: { ...saved, ...made },
    changed,
    isChanged: Object.keys(changed).length > 0,
    change: (changes) => keep((before) => differingFrom(saved, { ...before, ...changes })), // what is changed back is left alone again
    settle: (sent) => keep((before) => differingFrom(sent, before)),
  }
}
