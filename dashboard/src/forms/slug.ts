const MAX = 30

/** A slug to suggest for a name, with a number where that is `taken`: what of it fits `[a-z0-9]` and single hyphens. May be too short to be one. */
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
