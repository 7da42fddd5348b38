/** Returns the first letter or digit of a name, for a tile in place of a foreign image. */
export function monogramOf(name: string): string {
  return /[\p{L}\p{N}]/u.exec(name)?.[0].toUpperCase() ?? '·'
}
