import { useEffect, useState } from 'react'

interface Changes<T extends object> {
  /** As the form shows them: what was changed in it over what is saved. */
  values: T
  /** Only those that would be other than what is saved. */
  changed: Partial<T>
  isChanged: boolean
  change: (changes: Partial<T>) => void
  /** They are saved, or not to be. */
  settle: () => void
}

/**
 * What somebody changed in a form and has not saved. It outlives a reload, and a sign-in that ended and was renewed, in this tab; leaving for another page of the
 * dashboard gives it up. What they left alone goes on showing what is saved, which somebody else may change meanwhile. No secret goes in here.
 */
export function useChanges<T extends object>(name: string, saved: T): Changes<T> {
  const [key] = useState(() => `wharf.form ${location.pathname} ${name}`)
  const [made, setMade] = useState(() => read<Partial<T>>(key))
  useEffect(() => () => write(key, {}), [key])
  const keep = (next: Partial<T>) => {
    setMade(next)
    write(key, next)
  }
  const entries = Object.entries(made).filter(([field, value]) => value !== saved[field as keyof T])
  return {
    values: { ...saved, ...made },
    changed: Object.fromEntries(entries) as Partial<T>,
    isChanged: entries.length > 0,
    change: (changes) => keep({ ...made, ...changes }),
    settle: () => keep({}),
  }
}

function read<T extends object>(key: string): T {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '{}') as T
  } catch {
    return {} as T
  }
}

function write(key: string, made: object): void {
  try {
    if (Object.keys(made).length === 0) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, JSON.stringify(made))
  } catch {
    // storage is full or switched off: it lasts until the page is left
  }
}
