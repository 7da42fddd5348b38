/**
 * Returns the fault of a pattern that no validator can compile, such as `(` or Python's `(?P<a>b)`.
 * Reads each character once and never compiles the pattern, because compiling a stranger's pattern
 * costs far more than its length. Matching time is no fault.
 */
export function patternFault(pattern: string): string | undefined {
  let groups = 0
  let canRepeat = false
  for (let at = 0; at < pattern.length; at++) {
    switch (pattern[at]) {
      case '\\':
        if (++at === pattern.length) return 'ends with a backslash'
        canRepeat = true
        break
      case '[':
        at = endOfClass(pattern, at)
        if (at === pattern.length) return 'has a [ without a ]'
        canRepeat = true
        break
      case '(': {
        const opening = openingOf(pattern, at)
        if (opening === undefined) return `has a group that JavaScript does not know: ${pattern.slice(at, at + 4)}`
        at += opening
        groups++
        canRepeat = false
        break
      }
      case ')':
        if (groups-- === 0) return 'has a ) without a ('
        canRepeat = true
        break
      case '*':
      case '+':
      case '?':
        if (!canRepeat) return `has nothing to repeat before ${pattern[at]}`
        if (pattern[at + 1] === '?') at++ // repeats as few times as possible
        canRepeat = false
        break
      case '|':
      case '^':
        canRepeat = false
        break
      default:
        canRepeat = true
    }
  }
  return groups > 0 ? 'has a ( without a )' : undefined
}

/** Returns the index of the closing bracket, or the length of the pattern. */
function endOfClass(pattern: string, start: number): number {
  let at = start + 1
  while (at < pattern.length && pattern[at] !== ']') at += pattern[at] === '\\' ? 2 : 1
  return Math.min(at, pattern.length)
}

const OPENING = /\((?!\?)|\(\?(?::|=|!|<=|<!|<[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]{0,99}>|[ims]{0,3}(?:-[ims]{1,3})?:)/uy

/** Returns the length of a group's opening without the parenthesis. */
function openingOf(pattern: string, at: number): number | undefined {
  OPENING.lastIndex = at
  const [opening] = OPENING.exec(pattern) ?? []
  return opening === undefined ? undefined : opening.length - 1
}
