/** What is kept in this tab until it is closed; empty where nothing is. */
export function readKept<T extends object>(key: string): Partial<T> {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '{}') as Partial<T>
  } catch {
    return {}
  }
}

/** Where storage is full or switched off, it lasts until the page is left. */
export function keepInTab(key: string, kept: object): void {
  try {
    if (Object.keys(kept).length === 0) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, JSON.stringify(kept))
  } catch {
    // as said
  }
}
