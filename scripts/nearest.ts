/** Largest number of edits of a typing error. */
const MAX_EDITS = 2

/** Returns the candidate with the fewest edits from a mistyped word, if the word is near enough. */
export function findNearest(word: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates
    .map((candidate) => ({ candidate, edits: editsBetween(word, candidate) }))
    .filter(({ candidate, edits }) => edits <= MAX_EDITS && edits < candidate.length)
    .toSorted((a, b) => a.edits - b.edits)
  return best?.candidate
}

/** Levenshtein distance, in which two exchanged neighbours are one edit. */
function editsBetween(from: string, to: string): number {
  let before: number[] = []
  let above = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const changed = from[row - 1] === to[column - 1] ? 0 : 1
      const edits = Math.min((above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (above[column - 1] ?? 0) + changed)
      const exchanged = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current.push(exchanged ? Math.min(edits, (before[column - 2] ?? 0) + 1) : edits)
    }
    before = above
    above = current
  }
  return above[to.length] ?? 0
}
