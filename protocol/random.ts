/** Returns an identifier of 128 random bits, in base64url. */
export function newId(): string {
  return randomToken(16)
}

/**
 * Returns an identifier that sorts by `now`: 48 bits of milliseconds in hex, then 128 random bits.
 */
export function newSortableId(now: Date): string {
  return timePrefix(now) + newId()
}

/** Returns the prefix of sortable identifiers created at `now`. */
export function timePrefix(now: Date): string {
  return now.getTime().toString(16).padStart(12, '0')
}

/** Returns random bytes in base64url. Secrets have 32 bytes. */
export function randomToken(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toBase64({ alphabet: 'base64url', omitPadding: true })
}

/** Returns the hash for storing a random secret, in hex. Passwords need a slow hash instead. */
export async function sha256(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).toHex()
}
