import type { Finding } from '../../../../protocol/api.ts'
import { STATIC_LIMITS } from '../../../../protocol/versions/static-limits.ts'
import { faultsOf } from '../../api.ts'
import { type ContentForm, linesOf, toUpload } from './form.ts'

/** JSON Pointer of a manifest field -> error as a predicate, such as "is missing". */
export type Faults = ReadonlyMap<string, string>

/** Checks the form against the limits of the platform, which checks again on deploy. */
export function checkForm(form: ContentForm): Faults {
  const faults = new Map<string, string>()
  const add = (pointer: string, fault: string | undefined) => {
    if (fault !== undefined && !faults.has(pointer)) faults.set(pointer, fault)
  }
  add('/server/name', tooLong(form.server.name, STATIC_LIMITS.name))
  add('/server/title', tooLong(form.server.title, STATIC_LIMITS.title))
  add('/server/version', textFault(form.server.version, STATIC_LIMITS.name))
  add('/instructions', tooLong(form.instructions, STATIC_LIMITS.instructions))
  add('/prompts', tooMany(form.prompts, STATIC_LIMITS.prompts))
  add('/resources', tooMany(form.documents, STATIC_LIMITS.resources))

  const entry = (pointer: string, { title, description }: { title: string; description: string }) => {
    add(`${pointer}/title`, tooLong(title, STATIC_LIMITS.title))
    add(`${pointer}/description`, tooLong(description, STATIC_LIMITS.description))
  }
  form.prompts.forEach((prompt, index) => {
    const pointer = `/prompts/${index}`
    entry(pointer, prompt)
    add(`${pointer}/name`, textFault(prompt.name, STATIC_LIMITS.name) ?? takenFault(form.prompts, index, 'name'))
    add(`${pointer}/arguments`, tooMany(prompt.arguments, STATIC_LIMITS.arguments))
    add(`${pointer}/messages`, prompt.messages.length === 0 ? 'are missing' : tooMany(prompt.messages, STATIC_LIMITS.messages))
    prompt.arguments.forEach((argument, at) => {
      const place = `${pointer}/arguments/${at}`
      entry(place, argument)
      add(`${place}/name`, variableFault(argument.name) ?? takenFault(prompt.arguments, at, 'name'))
      const values = linesOf(argument.values)
      add(`${place}/values`, tooMany(values, STATIC_LIMITS.suggestions))
      if (values.some((value) => value.length > STATIC_LIMITS.title))
        add(`${place}/values`, `must have at most ${STATIC_LIMITS.title} characters per line`)
    })
    prompt.messages.forEach(({ text, document }, at) => {
      if (document === undefined) add(`${pointer}/messages/${at}/text`, textFault(text, STATIC_LIMITS.messageText))
      else if (form.documents.every(({ id }) => id !== document)) add(`${pointer}/messages/${at}/resource`, 'is missing')
    })
  })
  form.documents.forEach((document, index) => {
    const pointer = `/resources/${index}`
    entry(pointer, document)
    add(`${pointer}/uri`, uriFault(document.uri) ?? takenFault(form.documents, index, 'uri'))
    add(`${pointer}/name`, textFault(document.name, STATIC_LIMITS.name))
    add(`${pointer}/mimeType`, tooLong(document.mimeType, 200))
    add(`${pointer}/text`, tooLong(document.text, STATIC_LIMITS.resourceText))
    add(`${pointer}/blob`, tooLong(document.blob ?? '', STATIC_LIMITS.resourceText))
  })
  if (JSON.stringify(toUpload(form, '').manifest).length > STATIC_LIMITS.manifest)
    add('', `must have at most ${count(STATIC_LIMITS.manifest)} characters in total`)
  return faults
}

/** Returns the errors of a refused upload by pointers into the manifest. */
export function serverFaults(problem: unknown): Faults {
  return new Map([...faultsOf(problem)].map(([pointer, fault]) => [pointer.replace(/^\/manifest(?=\/|$)/, ''), fault]))
}

/** Returns the error of a field, or else the first error inside the field. */
export function faultAt(faults: Faults, pointer: string): string | undefined {
  return faults.get(pointer) ?? [...faults].find(([inner]) => inner.startsWith(`${pointer}/`))?.[1]
}

/** Number of errors in an entry or in a list of entries. */
export function countFaults(faults: Faults, pointer: string): number {
  return [...faults.keys()].filter((inner) => inner === pointer || inner.startsWith(`${pointer}/`)).length
}

/** Returns the errors and warnings of the probe for one subject, such as `prompts/NAME`. */
export function findingsAbout<T extends Pick<Finding, 'subject'>>(findings: readonly T[], subject: string): T[] {
  return findings.filter((finding) => finding.subject === subject)
}

function textFault(text: string, limit: number): string | undefined {
  return text.trim() === '' ? 'is missing' : tooLong(text, limit)
}

function tooLong(text: string, limit: number): string | undefined {
  return text.length > limit ? `must have at most ${count(limit)} characters` : undefined
}

function tooMany(list: readonly unknown[], limit: number): string | undefined {
  return list.length > limit ? `must have at most ${limit} entries` : undefined
}

function takenFault<K extends string>(list: readonly Record<K, string>[], index: number, key: K): string | undefined {
  return list.findIndex((other) => other[key] === list[index]?.[key]) < index ? 'is taken' : undefined
}

function variableFault(name: string): string | undefined {
  if (name === '') return 'is missing'
  return /^[A-Za-z_][\w-]{0,63}$/.test(name) ? undefined : 'must begin with a letter or _, followed by letters, digits, _ or -'
}

function uriFault(uri: string): string | undefined {
  if (uri !== '' && !URL.canParse(uri)) return 'must be a URI such as handbook://leave'
  return textFault(uri, STATIC_LIMITS.uri)
}

function count(limit: number): string {
  return limit.toLocaleString('en')
}
