/**
 * Thrown for JSON that is invalid, ambiguous or too large. The message is a predicate such as "is
 * not JSON" and does not quote the text.
 */
export class JsonFault extends Error {
  /** True for text other than JSON. False for JSON that exceeds a limit or is ambiguous. */
  readonly syntax: boolean
  constructor(message: string, { syntax, cause }: { syntax: boolean; cause?: unknown }) {
    super(message, { cause })
    this.syntax = syntax
  }
}

export interface JsonBounds {
  maxDepth: number
  /**
   * Total number of values, including members and elements. If absent, only the bytes of the text
   * limit the values.
   */
  maxNodes?: number
}

const SMALL: JsonBounds = { maxDepth: 16 }

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Returns parsed JSON. Refuses duplicate member names, because parsers disagree on which value
 * counts, and refuses `__proto__`. Depth and values are counted before parsing, because the parser
 * recurses. Throws {@link JsonFault}.
 */
export function parseStrictJson(text: string, { maxDepth, maxNodes = Infinity }: JsonBounds = SMALL): unknown {
  // member names of every open object, absent before its first member; undefined for an open array
  const scopes: ({ names?: Set<string> } | undefined)[] = []
  let expectsName = false
  let nodes = 1
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at)
        const scope = expectsName ? scopes.at(-1) : undefined
        if (scope) {
          addName((scope.names ??= new Set()), text.slice(at, end + 1))
          expectsName = false
        }
        at = end
        break
      }
      case 0x7b: // {
      case 0x5b: // [
        if (scopes.length === maxDepth) throw new JsonFault(`is nested deeper than ${maxDepth} levels`, { syntax: false })
        expectsName = text.charCodeAt(at) === 0x7b
        scopes.push(expectsName ? {} : undefined)
        nodes++
        break
      case 0x7d: // }
      case 0x5d: // ]
        scopes.pop()
        expectsName = false
        break
      case 0x2c: // ,
        expectsName = scopes.at(-1) !== undefined
        nodes++
        break
    }
    if (nodes > maxNodes) throw new JsonFault(`has more than ${maxNodes} values`, { syntax: false })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new JsonFault('is not JSON', { syntax: true, cause })
  }
}

/** Returns true for JSON text with deeper nesting. Reads the text once and parses nothing. */
export function isDeeperThan(text: string, maxDepth: number): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return true
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return false
}

/**
 * Returns the index of the closing quote, or of the last character if there is no closing quote.
 * The parser then refuses the text.
 */
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before--
    if ((end - before) % 2 === 1) return end
  }
  return text.length - 1
}

function addName(names: Set<string>, token: string) {
  const name = token.includes('\\') ? unescapeName(token) : token.slice(1, -1)
  if (name === '__proto__') throw new JsonFault('has a member named __proto__', { syntax: false })
  if (names.has(name)) throw new JsonFault('has a duplicate member name', { syntax: false })
  names.add(name)
}

function unescapeName(token: string): string {
  try {
    return String(JSON.parse(token))
  } catch (cause) {
    throw new JsonFault('is not JSON', { syntax: true, cause })
  }
}
