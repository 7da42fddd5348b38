import { ErrorCode } from '../../../protocol/mcp/errors.ts'
import { MAX_COMPLETIONS } from '../../../protocol/mcp/revisions/2026-07-28.ts'
import { isRecord } from '../../../protocol/record.ts'
import { STATIC_LIMITS } from '../../../protocol/versions/static-limits.ts'
import type { StaticResource } from '../../../protocol/versions/static-manifest.ts'
import { CACHE_HINTS } from '../surface-source.ts'
import type { Answer } from '../source.ts'
import type { StaticContent } from './content.ts'
import { fillText } from './fill-text.ts'
import { matchUriTemplate } from './uri-template.ts'

type Params = Record<string, unknown>

/** Characters of a URI that templates are matched with. */
const MAX_READ_URI = 4 * STATIC_LIMITS.uri

/** `prompts/get` */
export function getPrompt({ prompts, resources }: StaticContent, { name, arguments: given = {} }: Params): Answer {
  const prompt = typeof name === 'string' ? prompts.get(name) : undefined
  if (!prompt) return invalidParams(`Unknown prompt: ${shown(name)}`)
  if (!isRecord(given)) return invalidParams('arguments must be an object.')
  const declared = new Set(prompt.arguments.map((argument) => argument.name))
  const unknown = Object.keys(given).find((argument) => !declared.has(argument))
  if (unknown !== undefined) return invalidParams(`Unknown argument of prompt ${prompt.name}: ${shown(unknown)}`)
  const values = new Map<string, string>()
  for (const argument of prompt.arguments) {
    const value = given[argument.name]
    if (value === undefined && argument.required)
      return invalidParams(`Missing required argument of prompt ${prompt.name}: ${argument.name}`)
    if (value !== undefined && typeof value !== 'string') return invalidParams(`Argument ${argument.name} must be a string.`)
    values.set(argument.name, value ?? '')
  }

  let room: number = STATIC_LIMITS.result
  const messages: unknown[] = []
  for (const { role, text, resource: uri } of prompt.messages) {
    const resource = uri === undefined ? undefined : resources.get(uri)
    const filled = fillText(text ?? '', values, room)
    const length = resource ? (resource.text ?? resource.blob ?? '').length : filled?.length
    if (length === undefined || length > room)
      return invalidParams(`The arguments make the prompt longer than ${STATIC_LIMITS.result} characters.`)
    room -= length
    messages.push({ role, content: resource ? { type: 'resource', resource: contentsOf(resource) } : { type: 'text', text: filled } })
  }
  return {
    result: { resultType: 'complete', ...(prompt.description === undefined ? {} : { description: prompt.description }), messages },
  }
}

/** `resources/read` */
export function readResource({ resources, templates }: StaticContent, { uri }: Params): Answer {
  if (typeof uri !== 'string') return invalidParams('uri must be a string.')
  const resource = resources.get(uri)
  if (resource) return contents(contentsOf(resource))
  // each of up to a hundred templates reads the whole URI
  for (const { template, parsed } of uri.length > MAX_READ_URI ? [] : templates) {
    const values = matchUriTemplate(parsed, uri)
    if (!values) continue
    const text = fillText(template.text, values, STATIC_LIMITS.result)
    if (text === undefined) return invalidParams(`The URI makes the resource longer than ${STATIC_LIMITS.result} characters.`)
    return contents({ uri, ...(template.mimeType === undefined ? {} : { mimeType: template.mimeType }), text })
  }
  return {
    error: { code: ErrorCode.invalidParams, message: `Resource not found: ${shown(uri)}`, data: { uri: uri.slice(0, STATIC_LIMITS.uri) } },
  }
}

/** `completion/complete`. Suggests the values that begin with the text typed so far. */
export function complete({ prompts, templates }: StaticContent, { ref, argument }: Params): Answer {
  if (!isRecord(ref) || !isRecord(argument)) return invalidParams('ref and argument must be objects.')
  const { name, value } = argument
  if (typeof name !== 'string' || typeof value !== 'string') return invalidParams('argument must have a name and a value.')
  const known = ref['type'] === 'ref/prompt' ? argumentsOf() : ref['type'] === 'ref/resource' ? variablesOf() : undefined
  if (!known) return invalidParams(`Unknown reference: ${shown(ref['name'] ?? ref['uri'] ?? ref['type'])}`)
  if (!known.has(name)) return invalidParams(`Unknown argument: ${shown(name)}`)
  const typed = value.toLowerCase()
  const matching = (known.get(name) ?? []).filter((suggestion) => suggestion.toLowerCase().startsWith(typed))
  const values = matching.slice(0, MAX_COMPLETIONS)
  return { result: { resultType: 'complete', completion: { values, total: matching.length, hasMore: matching.length > values.length } } }

  function argumentsOf(): Map<string, string[] | undefined> | undefined {
    const prompt = isRecord(ref) && typeof ref['name'] === 'string' ? prompts.get(ref['name']) : undefined
    return prompt && new Map(prompt.arguments.map((declared) => [declared.name, declared.values]))
  }
  function variablesOf(): Map<string, string[] | undefined> | undefined {
    const found = templates.find(({ template }) => isRecord(ref) && template.uriTemplate === ref['uri'])
    return found && new Map(found.parsed.variables.map((variable) => [variable.name, found.template.values?.[variable.name]]))
  }
}

function contents(content: Record<string, unknown>): Answer {
  return { result: { resultType: 'complete', contents: [content], ...CACHE_HINTS } }
}

function contentsOf({ uri, mimeType, text, blob }: StaticResource): Record<string, unknown> {
  return { uri, ...(mimeType === undefined ? {} : { mimeType }), ...(text === undefined ? { blob } : { text }) }
}

function invalidParams(message: string): Answer {
  return { error: { code: ErrorCode.invalidParams, message } }
}

function shown(value: unknown): string {
  return String(value).slice(0, 200)
}
