import { z } from 'zod'
import { sourcesSchema, type Sources } from '../versions/bundle.ts'
import type { SourceName, VersionContent } from '../versions/content.ts'
import type { Finding, Surface } from '../versions/surface.ts'
import { manifestSchema, type Manifest } from '../versions/upload.ts'
import type { ProblemBody } from './fields.ts'

/* Versions of a hosted server. */

export const uploadVersion = z.strictObject({
  manifest: manifestSchema,
  /** Module name to source text; required by the source `code`. */
  modules: z.record(z.string(), z.string()).optional(),
  /** Sources of the modules, for later editing. At most 1 MB. */
  sources: sourcesSchema.optional(),
  /** Activates the version unless it is refused. */
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
  /** Surface shown to clients. Null if discovery failed. */
  surface: Surface | null
}
/** Uploaded modules, name to text. */
export interface ModulesBody {
  mainModule: string
  modules: Record<string, string>
  /** Null if the upload had no sources. */
  sources: Sources | null
}

/** The manifest as uploaded, with defaults filled in. */
export interface ManifestBody {
  manifest: Manifest
}

/**
 * Steps of an upload, one line each of the reply to `Accept: application/x-ndjson`. The last line
 * is `done` with the version, or `failed`. A refusal before the first step has its own status.
 */
export type DeployStep =
  | { step: 'accepted'; modules: number }
  | { step: 'stored'; bundleHash: string; bytes: number }
  /** Request of the probe: `server/discover`, `tools/list`, `tools/greet` … */
  | { step: 'asking'; subject: string }
  | { step: 'probed'; findings: Finding[] }
  | { step: 'version'; number: number; state: VersionSummaryBody['state'] }
  | { step: 'activated'; number: number }
  | { step: 'done'; version: VersionBody }
  | { step: 'failed'; problem: ProblemBody }
