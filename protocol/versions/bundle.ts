import { z } from 'zod'
import type { Finding } from './surface.ts'

/**
 * Manifest of a code version. Compatibility date, flags, bindings and limits are set by the
 * platform.
 */
export const codeManifestSchema = z.strictObject({
  source: z.literal('code'),
  /** Module with the default export that handles requests. */
  mainModule: z.string(),
  /** Description in the list of versions. */
  note: z.string().max(500).default(''),
})
export type CodeManifest = z.infer<typeof codeManifestSchema>

const MAX_MODULES = 1_000
const MAX_BUNDLE_BYTES = 5_000_000
const MAX_NAME = 256
const MAX_FINDINGS = 50
/** Module of the platform that runs before the main module. */
export const ENTRY_MODULE = 'wharf-entry.js'

const SEGMENT = /^[A-Za-z0-9_@+-][A-Za-z0-9_@+.-]*$/
const ENDINGS = ['.js', '.mjs', '.json', '.txt', '.html']

/** Source files of a bundle, kept for reading and editing. They never run. */
export const sourcesSchema = z.strictObject({
  /** Entry file of the bundle. */
  main: z.string(),
  /** Text by file name. */
  files: z.record(z.string(), z.string()),
})
export type Sources = z.infer<typeof sourcesSchema>

const MAX_SOURCES = 200
const MAX_SOURCE_BYTES = 1_000_000
const SOURCE_ENDINGS = [...ENDINGS, '.ts', '.mts', '.tsx', '.jsx', '.md', '.css', '.graphql', '.yaml']

/** Returns the faults of a bundle, before any of its code runs. */
export function checkBundle(manifest: CodeManifest, modules: Record<string, string>): Finding[] {
  const findings: Finding[] = []
  const wrong = (rule: string, subject: string, message: string) => {
    if (findings.length < MAX_FINDINGS) findings.push({ severity: 'error', rule, subject, message })
  }

  const names = Object.keys(modules)
  if (names.length === 0) wrong('module-count', 'modules', 'there is no module in the bundle')
  if (names.length > MAX_MODULES) {
    wrong('module-count', 'modules', `there are ${names.length} modules; at most ${MAX_MODULES} are taken: bundle them`)
    return findings
  }

  let bytes = 0
  const spelled = new Map<string, string>()
  for (const [name, text] of Object.entries(modules)) {
    bytes += name.length + utf8Length(text)
    const problem = nameProblem(name, ENDINGS)
    if (problem) wrong('module-name', printable(name), problem)
    const twin = spelled.get(name.toLowerCase())
    if (twin !== undefined) wrong('module-name', printable(name), `its name differs from "${printable(twin)}" in case alone`)
    spelled.set(name.toLowerCase(), name)
    if (name.endsWith('.json') && !isJson(text)) wrong('module-content', printable(name), 'its name ends in .json and its text is not JSON')
  }
  if (bytes > MAX_BUNDLE_BYTES) {
    wrong(
      'bundle-size',
      'modules',
      `the bundle has ${bytes} bytes; at most ${MAX_BUNDLE_BYTES} are taken: minify it, or leave out what is not imported`,
    )
  }

  if (!Object.hasOwn(modules, manifest.mainModule)) {
    wrong('main-module', 'manifest', `mainModule names "${printable(manifest.mainModule)}", which is not among the modules`)
  } else if (!/\.m?js$/.test(manifest.mainModule)) {
    wrong('main-module', 'manifest', 'mainModule must be an ES module: its name ends in .js or .mjs')
  }
  return findings
}

/** Returns the faults of the source files. */
export function checkSources({ main, files }: Sources): Finding[] {
  const names = Object.keys(files)
  const wrong = (subject: string, message: string): Finding => ({ severity: 'error', rule: 'sources', subject, message })
  if (names.length > MAX_SOURCES) return [wrong('sources', `there are ${names.length} files; at most ${MAX_SOURCES} are kept`)]
  const findings = names.flatMap((name) => {
    const problem = nameProblem(name, SOURCE_ENDINGS)
    return problem ? [wrong(`sources/files/${printable(name)}`, problem.replace('module', 'file'))] : []
  })
  const bytes = names.reduce((sum, name) => sum + name.length + utf8Length(files[name] ?? ''), 0)
  if (bytes > MAX_SOURCE_BYTES) findings.push(wrong('sources', `they have ${bytes} bytes; at most ${MAX_SOURCE_BYTES} are kept`))
  if (!Object.hasOwn(files, main)) findings.push(wrong('sources/main', `it names "${printable(main)}", which is not among the files`))
  return findings.slice(0, MAX_FINDINGS)
}

/**
 * Returns the fault of a module name. A name must be a relative path of plain characters, because a
 * scheme (`node:fs`) would replace a module of the runtime.
 */
function nameProblem(name: string, endings: readonly string[]): string | undefined {
  if (name === '') return 'a module needs a name'
  if (name.length > MAX_NAME) return `a module's name has at most ${MAX_NAME} characters`
  if (/[\p{Cc}\u2028\u2029]/u.test(name)) return "a module's name has no control characters"
  if (name.toLowerCase() === ENTRY_MODULE) return "this name is the platform's"
  if (name.includes(':')) return "a module's name has no scheme: names such as node:fs and cloudflare:workers are the runtime's"
  if (name.startsWith('/')) return "a module's name is a relative path"
  if (name.includes('\\')) return "a module's name is written with forward slashes"
  const segments = name.split('/')
  if (segments.some((segment) => segment === '.' || segment === '..' || segment === ''))
    return 'a module\'s name has no empty, "." or ".." part'
  if (segments.some((segment) => segment === '__proto__' || segment === 'constructor' || segment === 'prototype'))
    return 'this name means something to JavaScript itself'
  if (!segments.every((segment) => SEGMENT.test(segment))) return "a module's name is made of letters, digits and _ @ + . -"
  if (!endings.some((ending) => name.endsWith(ending))) return `a module's name ends in ${endings.join(', ')}`
  return undefined
}

function printable(name: string): string {
  return JSON.stringify(name.slice(0, 100)).slice(1, -1)
}

function utf8Length(text: string): number {
  let length = text.length
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // a surrogate pair is four bytes in two units
    if (code > 0x7f) length += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1
  }
  return length
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
