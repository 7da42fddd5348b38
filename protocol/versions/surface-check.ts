import { PromptSchema, ResourceSchema, ResourceTemplateSchema, ToolSchema } from '@modelcontextprotocol/core'
import { error, info, isError, warning } from './finding.ts'
import { checkSchema } from './json-schema.ts'
import { scanParamHeaders } from '../mcp/param-headers.ts'
import { findHiding } from '../visible-text.ts'
import type { Finding, Surface } from './surface.ts'
import { isRecord } from '../record.ts'

/**
 * Returns the faults and warnings of a surface, before any client sees the surface. An error
 * refuses the version.
 */
export function checkSurface(surface: Surface): Finding[] {
  const size = JSON.stringify(surface).length
  if (size > MAX_SURFACE)
    return [error('surface-size', 'server/discover', `the lists have ${size} characters together, but the limit is ${MAX_SURFACE}`)]
  const { serverInfo, instructions } = surface
  const findings: Finding[] = [
    ...lengthFindings('server/discover', { instructions }),
    ...hidingFindings('server/discover', { serverInfo, instructions }),
    ...iconFindings('server/discover', serverInfo['icons']),
  ]
  const checks = [
    ...surface.tools.map((tool) => () => checkTool(tool)),
    ...surface.prompts.map((prompt) => () => checkListed(prompt, 'prompts', 'name', PromptSchema)),
    ...surface.resources.map((resource) => () => checkListed(resource, 'resources', 'uri', ResourceSchema)),
    ...surface.resourceTemplates.map(
      (template) => () => checkListed(template, 'resources/templates', 'uriTemplate', ResourceTemplateSchema),
    ),
  ]
  let errors = 0
  for (const [index, check] of checks.entries()) {
    const found = check()
    findings.push(...found)
    errors += found.filter(isError).length
    // a faulty part costs far more time than a correct part of the same length
    if (errors < MAX_ERRORS) continue
    const unread = checks.length - index - 1
    if (unread > 0) findings.push(info('findings', 'all', `${unread} more definitions are not checked yet; correct the errors first`))
    break
  }
  findings.push(
    ...duplicates(surface.tools, 'tools', 'name'),
    ...duplicates(surface.prompts, 'prompts', 'name'),
    ...duplicates(surface.resources, 'resources', 'uri'),
    ...duplicates(surface.resourceTemplates, 'resources/templates', 'uriTemplate'),
  )
  if (findings.length <= MAX_FINDINGS) return findings
  const worst = findings.toSorted((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'))
  return [...worst.slice(0, MAX_FINDINGS), info('findings', 'all', `${findings.length - MAX_FINDINGS} more findings are left out`)]
}

/** Number of JSON characters. */
export const MAX_SURFACE = 1_000_000
const MAX_ENTRY = 64 * 1024
const MAX_TITLE = 200
const MAX_DESCRIPTION = 16 * 1024
const MAX_URI = 2_048
const MAX_ICON = 64 * 1024
const MAX_FINDINGS = 100
/** Number of errors after which the check stops. */
const MAX_ERRORS = 25
/** Limit of a prompt's arguments, and of the elements of any list that the shape check reads. */
const MAX_LIST = 100
const TOOL_NAME = /^[A-Za-z0-9_.-]{1,128}$/

type Entry = Record<string, unknown>

function checkTool(tool: Entry): Finding[] {
  const name = typeof tool['name'] === 'string' ? tool['name'] : ''
  const subject = `tools/${printable(name)}`
  const findings = checkListed(tool, 'tools', 'name', ToolSchema)
  if (findings.some(isOversize)) return findings
  if (!TOOL_NAME.test(name)) findings.push(error('tool-name', subject, 'a tool name must have 1 to 128 characters of A-Z a-z 0-9 _ . -'))
  if (!tool['description']) findings.push(warning('description', subject, 'the tool has no description, so a model sees only the name'))

  const annotations = tool['annotations'] as Entry | undefined
  if (typeof annotations?.['readOnlyHint'] !== 'boolean') {
    findings.push(warning('annotations', subject, 'readOnlyHint is missing, so the tool counts as a write and needs the scope mcp:write'))
  } else if (annotations['readOnlyHint'] === true && annotations['destructiveHint'] === true) {
    findings.push(warning('annotations', subject, 'readOnlyHint and destructiveHint are both true'))
  }

  const input = tool['inputSchema'] as Entry | undefined
  if (input?.['type'] !== 'object') findings.push(error('tool-schema', subject, 'the root of inputSchema must have type "object"'))
  for (const problem of checkSchema(input)) findings.push(error('tool-schema', subject, `inputSchema, ${problem}`))
  for (const problem of scanParamHeaders(input).problems) findings.push(error('x-mcp-header', subject, problem))
  if (tool['outputSchema'] !== undefined) {
    for (const problem of checkSchema(tool['outputSchema'])) findings.push(error('tool-schema', subject, `outputSchema, ${problem}`))
  }
  return findings
}

interface Shape {
  safeParse(value: unknown): { success: boolean; error?: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } }
}

/** Checks an entry of any list. */
function checkListed(entry: Entry, list: string, key: string, shape: Shape): Finding[] {
  const id = typeof entry[key] === 'string' ? entry[key] : ''
  const subject = `${list}/${printable(id)}`
  const size = JSON.stringify(entry).length
  if (size > MAX_ENTRY) return [error('entry-size', subject, `the definition has ${size} characters, but the limit is ${MAX_ENTRY}`)]
  const findings: Finding[] = []
  for (const { path, message } of shape.safeParse(shortLists(entry)).error?.issues.slice(0, 5) ?? []) {
    findings.push(error('shape', subject, `${path.length > 0 ? path.join('.') : 'the entry'}: ${message}`))
  }
  const { arguments: args } = entry
  if (Array.isArray(args) && args.length > MAX_LIST)
    findings.push(error('shape', subject, `arguments has ${args.length} entries, but the limit is ${MAX_LIST}`))
  if (key !== 'name') {
    if (id.length > MAX_URI) findings.push(error('uri', subject, `${key} is longer than ${MAX_URI} characters`))
    if (key === 'uri' && !URL.canParse(id)) findings.push(error('uri', subject, 'uri is not a valid URI'))
    if (key === 'uriTemplate') findings.push(...templateFindings(subject, id))
  }
  findings.push(
    ...lengthFindings(subject, { name: entry['name'], title: entry['title'], description: entry['description'] }),
    ...hidingFindings(subject, entry),
    ...iconFindings(subject, entry['icons']),
  )
  return findings
}

/**
 * Checks a URI template (RFC 6570) within limits. A matcher for many or wide expressions can take
 * exponential time (CVE-2026-0621).
 */
function templateFindings(subject: string, template: string): Finding[] {
  const expressions = template.match(/\{[^{}]*\}/g) ?? []
  const rest = template.replaceAll(/\{[^{}]*\}/g, '')
  if (rest.includes('{') || rest.includes('}')) return [error('uri-template', subject, 'the braces do not match')]
  if (expressions.length > 16) return [error('uri-template', subject, 'the template has more than 16 expressions')]
  if (/\}\{/.test(template)) return [warning('uri-template', subject, 'two expressions are adjacent, so the end of the first is ambiguous')]
  const malformed = expressions.find(
    (expression) => !/^\{[+#./;?&]?\w[\w.%]*(?::\d{1,4}|\*)?(?:,\w[\w.%]*(?::\d{1,4}|\*)?)*\}$/.test(expression),
  )
  return malformed === undefined ? [] : [error('uri-template', subject, `${malformed} is not a valid expression (RFC 6570)`)]
}

/** Returns the entry with its lists cut, because the shape check builds a fault per element. */
function shortLists(value: unknown, depth = 4): unknown {
  if (depth === 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.slice(0, MAX_LIST).map((element) => shortLists(element, depth - 1))
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shortLists(member, depth - 1)]))
}

function isOversize({ rule }: Finding): boolean {
  return rule === 'entry-size'
}

function lengthFindings(subject: string, texts: Record<string, unknown>): Finding[] {
  const findings: Finding[] = []
  for (const [field, text] of Object.entries(texts)) {
    if (typeof text !== 'string') continue
    const most = field === 'description' || field === 'instructions' ? MAX_DESCRIPTION : field === 'title' ? MAX_TITLE : MAX_URI
    if (text.length > most) findings.push(error('text', subject, `${field} has ${text.length} characters, but the limit is ${most}`))
  }
  return findings
}

/** Fields that no model reads. */
const UNREAD: ReadonlySet<string> = new Set(['_meta', 'icons'])
const MAX_HIDING = 5

/**
 * Returns up to five fields with a character that hides. Every text of an entry counts, because a
 * model reads the whole definition.
 */
function hidingFindings(subject: string, entry: Entry): Finding[] {
  const findings: Finding[] = []
  const check = (text: string, field: string) => {
    const found = findings.length < MAX_HIDING ? findHiding(text) : undefined
    if (!found) return
    const where = `${printable(field)} has the invisible character ${found.character} at position ${found.position}`
    findings.push(error('text', subject, `${where}, where no writing system needs the character; remove the character`))
  }
  const visit = (value: unknown, field: string) => {
    if (typeof value === 'string') return check(value, field)
    if (typeof value !== 'object' || value === null) return
    for (const [key, part] of Object.entries(value)) {
      if (UNREAD.has(key)) continue
      if (!Array.isArray(value)) check(key, `a field name in ${field || 'the definition'}`)
      visit(part, field === '' ? key : `${field}.${key}`)
    }
  }
  visit(entry, '')
  return findings
}

function iconFindings(subject: string, icons: unknown): Finding[] {
  if (icons === undefined) return []
  if (!Array.isArray(icons) || icons.length > 16) return [error('icon', subject, 'icons must be a list of at most 16')]
  const findings: Finding[] = []
  for (const icon of icons as unknown[]) {
    const src = isRecord(icon) ? icon['src'] : undefined
    const allowed =
      typeof src === 'string' &&
      src.length <= MAX_ICON &&
      (/^data:image\/[a-z0-9.+-]+[;,]/i.test(src) || (URL.canParse(src) && new URL(src).protocol === 'https:'))
    if (!allowed) findings.push(error('icon', subject, 'an icon must be an https: URL or a data:image/ URL of at most 64 KiB'))
  }
  return findings
}

function duplicates(entries: readonly Entry[], list: string, key: string): Finding[] {
  const seen = new Set<unknown>()
  const findings: Finding[] = []
  for (const entry of entries) {
    if (seen.has(entry[key]))
      findings.push(error('duplicate', `${list}/${printable(String(entry[key]))}`, `two ${list} have the same ${key}`))
    seen.add(entry[key])
  }
  return findings
}

/** Returns a tenant's name shortened and escaped for display. */
export function printable(name: string): string {
  return JSON.stringify(name.slice(0, 128)).slice(1, -1)
}
