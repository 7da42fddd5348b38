const MAX = 30

/**
 * Suggests a slug for a name: letters and digits in lower case, joined by hyphens, with a number if
 * the slug is taken. The suggestion may be too short to be valid.
 */
export function suggestSlug(name: string, taken: readonly string[] = []): string {
  const wanted = slugOf(name, MAX)
  for (let number = 2, slug = wanted; ; number++) {
    if (!taken.includes(slug)) return slug
    slug = `${slugOf(name, MAX - 4)}-${number}`
  }
}

function slugOf(name: string, length: number): string {
  return name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, length)
    .replaceAll(/^-+|-+$/g, '')
}
