import { z } from 'zod'
import { sourcesSchema, type Sources } from '../versions/bundle.ts'
import type { SourceName, VersionContent } from '../versions/content.ts'
import type { Finding, Surface } from '../versions/surface.ts'
import { manifestSchema, type Manifest } from '../versions/upload.ts'
import type { ProblemBody } from './fields.ts'

/*
 * What a hosted server runs.
 */

export const uploadVersion = z.strictObject({
  manifest: manifestSchema,
  /** Module name to source text; required by the source `code`. */
  modules: z.record(z.string(), z.string()).optional(),
  /** What the modules were bundled from, to go on from later. At most 1 MB. */
  sources: sourcesSchema.optional(),
  /** Also makes it the active one, unless it is refused. */
  activate: z.boolean().default(false),
})
export type UploadBody = z.input<typeof uploadVersion>
/** An upload of modules. */
export type CodeUploadBody = UploadBody & { manifest: { source: 'code' }; modules: Record<string, string> }
export interface VersionSummaryBody {
  number: number
  state: 'ready' | 'refused'
  active: boolean
  source: SourceName
  note: string
  bundleBytes: number
  findings: Finding[]
  createdBy: string | null
  createdAt: string
}
export interface VersionBody extends VersionSummaryBody {
  content: VersionContent
  /** What clients see; null when discovery failed. */
  surface: Surface | null
}
/** Module name -> text, as it was uploaded. */
export interface ModulesBody {
  mainModule: string
  modules: Record<string, string>
  /** Null where the upload had none. */
  sources: Sources | null
}

/** The manifest as uploaded, with defaults filled in. */
export interface ManifestBody {
  manifest: Manifest
}

/**
 * What becomes of an upload, each as it happens: the lines of the answer to one that says `Accept: application/x-ndjson`. The last is `done`, with what the
 * plain JSON answer would have been, or `failed`. A refusal before the first step has its own status and is no stream.
 */
export type DeployStep =
  | { step: 'accepted'; modules: number }
  | { step: 'stored'; bundleHash: string; bytes: number }
  /** The probe asks the version a question: `server/discover`, `tools/list`, `tools/greet` … */
  | { step: 'asking'; subject: string }
  | { step: 'probed'; findings: Finding[] }
  | { step: 'version'; number: number; state: VersionSummaryBody['state'] }
  | { step: 'activated'; number: number }
  | { step: 'done'; version: VersionBody }
  | { step: 'failed'; problem: ProblemBody }
