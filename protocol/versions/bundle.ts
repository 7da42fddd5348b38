import { z } from 'zod'
import { isDeeperThan } from '../http/strict-json.ts'
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
const MAX_JSON_DEPTH = 64
const MAX_FINDINGS = 50
/** Modules of the platform that run before the main module. */
export const ENTRY_MODULE = 'wharf-entry.js'
export const CONSOLE_MODULE = 'wharf-console.js'
const RESERVED: ReadonlySet<string> = new Set([ENTRY_MODULE, CONSOLE_MODULE])

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
  if (names.length === 0) wrong('module-count', 'modules', 'the bundle has no modules')
  if (names.length > MAX_MODULES) {
    wrong(
      'module-count',
      'modules',
      `the bundle has ${names.length} modules, but the limit is ${MAX_MODULES}; bundle them into fewer files`,
    )
    return findings
  }

  let bytes = 0
  const spelled = new Map<string, string>()
  for (const [name, text] of Object.entries(modules)) {
    bytes += name.length + utf8Length(text)
    const problem = nameProblem(name, ENDINGS)
    if (problem) wrong('module-name', printable(name), problem)
    const twin = spelled.get(name.toLowerCase())
    if (twin !== undefined) wrong('module-name', printable(name), `the name differs from "${printable(twin)}" only in upper and lower case`)
    spelled.set(name.toLowerCase(), name)
    const fault = name.endsWith('.json') ? jsonFault(text) : undefined
    if (fault !== undefined) wrong('module-content', printable(name), fault)
  }
  if (bytes > MAX_BUNDLE_BYTES) {
    wrong(
      'bundle-size',
      'modules',
      `the bundle has ${bytes} bytes, but the limit is ${MAX_BUNDLE_BYTES}; minify the bundle or leave out unused modules`,
    )
  }

  if (!Object.hasOwn(modules, manifest.mainModule)) {
    wrong('main-module', 'manifest', `mainModule "${printable(manifest.mainModule)}" is not in the bundle`)
  } else if (!/\.m?js$/.test(manifest.mainModule)) {
    wrong('main-module', 'manifest', 'mainModule must be an ES module with a name that ends in .js or .mjs')
  }
  return findings
}

/** Returns the faults of the source files. */
export function checkSources({ main, files }: Sources): Finding[] {
  const names = Object.keys(files)
  const wrong = (subject: string, message: string): Finding => ({ severity: 'error', rule: 'sources', subject, message })
  if (names.length > MAX_SOURCES) return [wrong('sources', `there are ${names.length} source files, but the limit is ${MAX_SOURCES}`)]
  const findings = names.flatMap((name) => {
    const problem = nameProblem(name, SOURCE_ENDINGS)
    return problem ? [wrong(`sources/files/${printable(name)}`, problem.replace('module', 'file'))] : []
  })
  const bytes = names.reduce((sum, name) => sum + name.length + utf8Length(files[name] ?? ''), 0)
  if (bytes > MAX_SOURCE_BYTES)
    findings.push(wrong('sources', `the source files have ${bytes} bytes, but the limit is ${MAX_SOURCE_BYTES}`))
  if (!Object.hasOwn(files, main)) findings.push(wrong('sources/main', `main "${printable(main)}" is not one of the files`))
  return findings.slice(0, MAX_FINDINGS)
}

/**
 * Returns the fault of a module name. A name must be a relative path of plain characters, because a
 * scheme (`node:fs`) would replace a module of the runtime.
 */
function nameProblem(name: string, endings: readonly string[]): string | undefined {
  if (name === '') return 'the module name is empty'
  if (name.length > MAX_NAME) return `the module name is longer than ${MAX_NAME} characters`
  if (/[\p{Cc}\u2028\u2029]/u.test(name)) return 'the module name contains control characters'
  if (RESERVED.has(name.toLowerCase())) return 'the name is reserved for the platform'
  if (name.includes(':'))
    return 'the module name has a scheme, but names such as node:fs and cloudflare:workers are reserved for the runtime'
  if (name.startsWith('/')) return 'the module name must be a relative path'
  if (name.includes('\\')) return 'the module name must use forward slashes'
  const segments = name.split('/')
  if (segments.some((segment) => segment === '.' || segment === '..' || segment === ''))
    return 'the module name has an empty, "." or ".." segment'
  if (segments.some((segment) => segment === '__proto__' || segment === 'constructor' || segment === 'prototype'))
    return 'the name is reserved in JavaScript'
  if (!segments.every((segment) => SEGMENT.test(segment))) return 'the module name may contain only letters, digits and _ @ + . -'
  if (!endings.some((ending) => name.endsWith(ending))) return `the module name must end in ${endings.join(', ')}`
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

/**
 * Returns the fault of a JSON module. Counts the depth before parsing, because the runtime takes
 * quadratic time for deep values.
 */
function jsonFault(text: string): string | undefined {
  if (isDeeperThan(text, MAX_JSON_DEPTH)) return `a .json module may be nested at most ${MAX_JSON_DEPTH} levels deep`
  try {
    JSON.parse(text)
    return undefined
  } catch {
    return 'a .json module must contain JSON'
  }
}
