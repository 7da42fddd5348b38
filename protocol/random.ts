/** An opaque identifier of 128 random bits, base64url. */
export function newId(): string {
  return randomToken(16)
}

/** An opaque identifier that sorts by `now`, to the millisecond: 48 bits of time in hex before 128 random ones. */
export function newSortableId(now: Date): string {
  return timePrefix(now) + newId()
}

/** What such an identifier begins with. */
export function timePrefix(now: Date): string {
  return now.getTime().toString(16).padStart(12, '0')
}

/** `bytes` random bytes, base64url: 32 for anything that is a secret. */
export function randomToken(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toBase64({ alphabet: 'base64url', omitPadding: true })
}

/** How a secret is kept: SHA-256, hex. Enough for secrets of full entropy; passwords are better-auth's. */
export async function sha256(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).toHex()
}
