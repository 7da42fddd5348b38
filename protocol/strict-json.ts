/** What arrived is not JSON we accept; the message says why, without quoting it. */
export class JsonFault extends Error {}

const MAX_DEPTH = 16

/**
 * JSON in which nothing means two things: an object's member names are unique (of two, parsers disagree which counts) and none is `__proto__`; nested
 * at most 16 deep, counted before the parser recurses. Throws {@link JsonFault}.
 */
export function parseStrictJson(text: string): unknown {
  const scopes: (Set<string> | undefined)[] = [] // the names seen in each open object; undefined for an open array
  let expectsName = false
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/gs)) {
    const names = scopes.at(-1)
    if (token === '{' || token === '[') {
      if (scopes.length === MAX_DEPTH) throw new JsonFault(`it is nested deeper than ${MAX_DEPTH}`)
      scopes.push(token === '{' ? new Set() : undefined)
      expectsName = token === '{'
    } else if (token === '}' || token === ']') {
      scopes.pop()
      expectsName = false
    } else if (token === ',') {
      expectsName = names !== undefined
    } else if (token !== ':' && expectsName && names) {
      const name = nameOf(token)
      if (name === '__proto__') throw new JsonFault('it has a member named __proto__')
      if (names.has(name)) throw new JsonFault('it names a member twice')
      names.add(name)
      expectsName = false
    }
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new JsonFault('it is not JSON', { cause })
  }
}

function nameOf(token: string): string {
  try {
    return String(JSON.parse(token))
  } catch (cause) {
    throw new JsonFault('it is not JSON', { cause })
  }
}
