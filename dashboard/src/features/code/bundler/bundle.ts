import type * as Esbuild from 'esbuild-wasm'
import { BUNDLE_OPTIONS } from './options.ts'
import type { TenantPackages } from './packages.ts'
import { virtualFiles } from './virtual-files.ts'

/** An error or warning of the bundler. */
export interface BundleMessage {
  severity: 'error' | 'warning'
  text: string
  /** Suggested fix. */
  hint?: string
  /** Line and column count from 1. Column and length are in UTF-16 code units. */
  place?: { file: string; line: number; column: number; length: number }
}

export type BundleOutcome =
  | {
      ok: true
      code: string
      /** Source map as JSON, to trace positions in `code` back to the sources. */
      map: string
      messages: BundleMessage[]
    }
  | { ok: false; messages: BundleMessage[] }

export interface BundleInput {
  /** File name -> text. */
  files: Readonly<Record<string, string>>
  /** Entry point. */
  main: string
}

/** Bundles files in memory into one ES module. Errors in the sources are returned, not thrown. */
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

/** Converts a message of esbuild, which counts columns in UTF-8 bytes. */
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
