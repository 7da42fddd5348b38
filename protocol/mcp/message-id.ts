import { endOfString } from '../http/strict-json.ts'
import { isId, type JsonRpcId } from './json-rpc.ts'

/**
 * Rest of a member after its name. The value is captured if the value is a short string or an
 * integer.
 */
const VALUE = /\s*:\s*(?:("(?:[^"\\]|\\.){0,1600}"|-?\d{1,16})(?=\s*[,}]))?/y

/**
 * Returns the id of a message that is refused before the message is parsed, for example because of
 * its depth. Returns undefined if the id is absent, invalid or named twice. Reads the text once.
 */
export function findMessageId(text: string): JsonRpcId | undefined {
  const found: string[] = []
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
      case '[':
        depth++
        break
      case '}':
      case ']':
        depth--
        break
      case '"': {
        const end = endOfString(text, at)
        if (depth === 1 && isIdName(text.slice(at, Math.min(end + 1, at + 32)))) {
          VALUE.lastIndex = end + 1
          const member = VALUE.exec(text) // null if the string is a value and not a name
          if (member) found.push(member[1] ?? 'null')
        }
        at = end
        break
      }
    }
  }
  const id: unknown = found.length === 1 ? parse(found[0] ?? '') : undefined
  return isId(id) ? id : undefined
}

function isIdName(token: string): boolean {
  return token === '"id"' || (token.includes('\\') && parse(token) === 'id')
}

function parse(token: string): unknown {
  try {
    return JSON.parse(token)
  } catch {
    return undefined
  }
}
