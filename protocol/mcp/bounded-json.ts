const MAX_DEPTH = 64

/** What arrived is not JSON we read; the message says why. */
export class BadJson extends Error {}

/** Parses JSON nested at most 64 deep. The depth is counted on the text, before the parser recurses. Throws {@link BadJson}. */
export function parseBoundedJson(text: string): unknown {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === 0x5c) at++
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAX_DEPTH) throw new BadJson(`it is nested deeper than ${MAX_DEPTH}`)
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new BadJson('it is not JSON', { cause })
  }
}
