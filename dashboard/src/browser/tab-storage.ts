/** Reads an object from sessionStorage. Returns an empty object if the entry is missing. */
export function readTab<T extends object>(key: string): Partial<T> {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '{}') as Partial<T>
  } catch {
    return {}
  }
}

/** Keeps an object in sessionStorage. An empty object deletes the entry. */
export function writeTab(key: string, value: object): void {
  try {
    if (Object.keys(value).length === 0) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, JSON.stringify(value))
  } catch {
    // storage is full or disabled, so the value lasts until the page closes
  }
}
