import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping'
import type { Finding } from '../../../../protocol/api.ts'

/** A position in the sources. Line and column count from 1. */
export interface Place {
  file: string
  line: number
  column: number
}

/** A finding with the position in the sources, if known. The message refers to source positions. */
export interface PlacedFinding extends Finding {
  place?: Place
}

interface Bundled {
  /** File name -> text. */
  files: Readonly<Record<string, string>>
  /** Source map of the bundle, as JSON. Absent for an uploaded bundle. */
  map?: string | undefined
  /** Module that the source map describes. */
  module: string
}

/**
 * Locates the findings of the probe in the sources. A position in the bundle is traced through the
 * source map. Otherwise the place is the registration of the tool, prompt or resource.
 */
export function placeFindings(findings: readonly Finding[], { files, map, module }: Bundled): PlacedFinding[] {
  const traced = map === undefined ? undefined : new TraceMap(map)
  const bundlePlace = new RegExp(`${module.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}:(\\d+)(?::(\\d+))?`, 'g')
  return findings.map((finding) => {
    let first: Place | undefined
    const message = finding.message.replaceAll(bundlePlace, (written, line: string, column: string | undefined) => {
      const place = traced && original(traced, Number(line), Number(column ?? 1))
      if (!place) return written
      if (Object.hasOwn(files, place.file)) first ??= place
      return `${place.file}:${place.line}:${place.column}`
    })
    const place = first ?? findNamed(finding.subject, files)
    return { ...finding, message, ...(place ? { place } : {}) }
  })
}

function original(map: TraceMap, line: number, column: number): Place | undefined {
  const found = originalPositionFor(map, { line, column: Math.max(column - 1, 0) })
  if (found.source === null) return undefined
  return { file: found.source.replace(/^(?:source|package):/, ''), line: found.line, column: found.column + 1 }
}

/** Registration call per kind, up to the name or URI. */
const REGISTERED: Record<string, string> = {
  tools: String.raw`registerTool\s*\(\s*`,
  prompts: String.raw`registerPrompt\s*\(\s*`,
  resources: String.raw`registerResource\s*\([^)]{0,200}?`,
}

/** Finds the registration of a subject such as `tools/NAME`, or else the first quoted name. */
function findNamed(subject: string, files: Readonly<Record<string, string>>): Place | undefined {
  const [, kind = '', name] = /^(tools|prompts|resources)\/(?!list$|templates\/)(.+)$/s.exec(subject) ?? []
  if (name === undefined) return undefined
  const quoted = `(['"\`])${name.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)}\\1`
  for (const pattern of [new RegExp(REGISTERED[kind] + quoted), new RegExp(quoted)]) {
    for (const [file, text] of Object.entries(files)) {
      const found = pattern.exec(text)
      if (!found) continue
      const before = text.slice(0, found.index + found[0].lastIndexOf(name) - 1).split('\n')
      return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
    }
  }
  return undefined
}
