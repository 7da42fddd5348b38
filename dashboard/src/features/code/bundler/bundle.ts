import type * as Esbuild from 'esbuild-wasm'
import { BUNDLE_OPTIONS } from './options.ts'
import type { TenantPackages } from './packages.ts'
import { virtualFiles } from './virtual-files.ts'

/** Something the bundler has to say about one place in the sources. */
export interface BundleMessage {
  severity: 'error' | 'warning'
  text: string
  /** What to do about it. */
  hint?: string
  /** Absent when it is about no place in particular. */
  place?: { file: string; /** From 1. */ line: number; /** From 1, in UTF-16 units, as editors count. */ column: number; length: number }
}

export type BundleOutcome =
  | {
      ok: true
      code: string
      /** A source map, as JSON: for places in `code` that the platform names later. */ map: string
      messages: BundleMessage[]
    }
  | { ok: false; messages: BundleMessage[] }

export interface BundleInput {
  /** File name -> text. */
  files: Readonly<Record<string, string>>
  /** The file it begins with. */
  main: string
}

/** Bundles files in memory to one ES module. What is wrong with them is an outcome, not a throw. */
export async function bundleFiles(
  esbuild: Pick<typeof Esbuild, 'build'>,
  { files, main }: BundleInput,
  packages: TenantPackages,
): Promise<BundleOutcome> {
  try {
    const { outputFiles, warnings } = await esbuild.build({
      ...BUNDLE_OPTIONS,
      entryPoints: [main],
      plugins: [virtualFiles(files, packages)],
      tsconfigRaw: {},
    })
    const [map, code] = outputFiles.toSorted((a, b) => Number(b.path.endsWith('.map')) - Number(a.path.endsWith('.map')))
    return { ok: true, code: code?.text ?? '', map: map?.text ?? '', messages: warnings.map((each) => toMessage('warning', each)) }
  } catch (error) {
    const { errors, warnings } = error as Partial<Esbuild.BuildFailure>
    if (!errors) throw error
    const messages = [...errors.map((each) => toMessage('error', each)), ...(warnings ?? []).map((each) => toMessage('warning', each))]
    return { ok: false, messages }
  }
}

/** esbuild counts columns in bytes of UTF-8. */
export function toMessage(severity: BundleMessage['severity'], { text, location, notes }: Esbuild.Message): BundleMessage {
  const hint = notes
    .map((note) => note.text)
    .filter((each) => each && !each.startsWith('The plugin '))
    .join(' ')
  const message = { severity, text: text.replaceAll(/"(?:source|package):/g, '"'), ...(hint === '' ? {} : { hint }) }
  if (!location) return message
  const bytes = new TextEncoder().encode(location.lineText)
  const units = (from: number, to: number) => new TextDecoder().decode(bytes.slice(from, to)).length
  const { column, length } = location
  return {
    ...message,
    place: {
      file: location.file.replace(/^source:/, ''),
      line: location.line,
      column: units(0, column) + 1,
      length: units(column, column + length),
    },
  }
}
