import { isRecord } from '../../record.ts'

/*
 * Forms of 2025-06-18: text, numbers, booleans, and a choice of one value. Choices with titles have
 * another spelling there. A choice of several values is asked as one boolean for each value,
 * because the revision has no lists.
 */

type Members = Record<string, unknown>

/** Values by the name of the boolean that stands for the value, by the name of the list. */
export type Selections = Record<string, Record<string, string>>

/** Keywords of each type. Others are left out, because clients refuse keywords they do not know. */
const KEYWORDS: Record<string, readonly string[]> = {
  string: ['type', 'title', 'description', 'minLength', 'maxLength', 'format', 'enum', 'enumNames'],
  number: ['type', 'title', 'description', 'minimum', 'maximum'],
  integer: ['type', 'title', 'description', 'minimum', 'maximum'],
  boolean: ['type', 'title', 'description', 'default'],
}

/** Returns the form, and the selections needed to read the response. */
export function toFlatForm(form: unknown): { form: unknown; selections: Selections } {
  if (!isRecord(form) || !isRecord(form['properties'])) return { form, selections: {} }
  const { $schema: _schema, properties, required, ...kept } = form
  const selections: Selections = {}
  const flat: [string, unknown][] = []
  const taken = new Set(Object.keys(properties as Members))
  for (const [name, field] of Object.entries(properties as Members)) {
    const options = isRecord(field) && field['type'] === 'array' ? optionsOf(field['items']) : undefined
    // a long name would be repeated for each choice
    if (!isRecord(field) || !options || name.length > MAX_NAME) flat.push([name, toFlatField(field)])
    else {
      const keys = options.map((_, index) => unusedName(`${name}_${index + 1}`, taken))
      const toFlag = flagsOf(name, field)
      for (const [index, option] of options.entries()) flat.push([keys[index] ?? '', toFlag(option)])
      selections[name] = Object.fromEntries(options.map(({ value }, index) => [keys[index] ?? '', value]))
    }
  }
  const needed = Array.isArray(required) ? required.filter((name) => !Object.hasOwn(selections, String(name))) : []
  return {
    form: { ...kept, properties: Object.fromEntries(flat), ...(needed.length > 0 ? { required: needed } : {}) },
    selections,
  }
}

/** Returns the response to the form with lists in place of booleans. */
export function fromFlatForm(response: unknown, selections: Selections): unknown {
  if (!isRecord(response) || !isRecord(response['content'])) return response
  const content: Members = { ...response['content'] }
  for (const [name, values] of Object.entries(selections)) {
    content[name] = Object.entries(values).flatMap(([key, value]) => (content[key] === true ? [value] : []))
    for (const key of Object.keys(values)) delete content[key]
  }
  return { ...response, content }
}

interface Option {
  value: string
  title: string
}

/** Returns undefined for items other than a list of choices. */
function optionsOf(items: unknown): Option[] | undefined {
  if (!isRecord(items)) return undefined
  const titled = items['anyOf'] ?? items['oneOf']
  const listed: unknown = Array.isArray(titled) ? titled : items['enum']
  if (!Array.isArray(listed)) return undefined
  return listed.flatMap((option: unknown) => {
    const value = isRecord(option) ? option['const'] : option
    if (typeof value !== 'string') return []
    return [{ value, title: isRecord(option) && typeof option['title'] === 'string' ? option['title'] : value }]
  })
}

function toFlatField(field: unknown): unknown {
  if (!isRecord(field)) return field
  const options = field['type'] === 'string' && Array.isArray(field['oneOf']) ? optionsOf({ oneOf: field['oneOf'] }) : undefined
  const spelled = options ? { ...field, enum: options.map(({ value }) => value), enumNames: options.map(({ title }) => title) } : field
  const keywords = KEYWORDS[String(field['type'])]
  return keywords ? Object.fromEntries(Object.entries(spelled).filter(([keyword]) => keywords.includes(keyword))) : field
}

const MAX_NAME = 100
/** Limit of the text that is repeated for each choice. */
const MAX_FLAG_TEXT = 500

/** Returns how a choice of the list becomes a boolean. The texts of the list are read once. */
function flagsOf(name: string, field: Members): (option: Option) => Members {
  const texts = [field['title'] ?? name, field['description'], limitsOf(field)].filter((text) => typeof text === 'string')
  const description = texts.join('. ').slice(0, MAX_FLAG_TEXT)
  const set: ReadonlySet<unknown> = new Set(Array.isArray(field['default']) ? field['default'] : [])
  return ({ value, title }) => ({ type: 'boolean', title, description, default: set.has(value) })
}

function limitsOf({ minItems, maxItems }: Members): string | undefined {
  const parts = [
    ...(typeof minItems === 'number' && minItems > 0 ? [`at least ${minItems}`] : []),
    ...(typeof maxItems === 'number' ? [`at most ${maxItems}`] : []),
  ]
  return parts.length > 0 ? `Choose ${parts.join(' and ')}` : undefined
}

function unusedName(name: string, taken: Set<string>): string {
  let unused = name
  while (taken.has(unused)) unused += '_'
  taken.add(unused)
  return unused
}
