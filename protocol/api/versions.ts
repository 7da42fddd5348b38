import { z } from 'zod'
import { sourcesSchema } from '../versions/bundle.ts'
import { SOURCE_NAMES, versionContentSchema } from '../versions/content.ts'
import { findingSchema, surfaceSchema, type Finding } from '../versions/surface.ts'
import { manifestSchema } from '../versions/upload.ts'
import { time, type ProblemBody } from './fields.ts'

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
export const versionSummaryBody = z.object({
  number: z.int(),
  state: z.enum(['ready', 'refused']),
  active: z.boolean(),
  source: z.enum(SOURCE_NAMES),
  note: z.string(),
  bundleBytes: z.int(),
  findings: z.array(findingSchema),
  createdBy: z.string().nullable(),
  createdAt: time,
})
export type VersionSummaryBody = z.infer<typeof versionSummaryBody>
export const versionBody = versionSummaryBody.extend({
  content: versionContentSchema,
  surface: surfaceSchema.nullable().describe('Surface shown to clients. Null if discovery failed.'),
})
export type VersionBody = z.infer<typeof versionBody>
/** Uploaded modules, name to text. */
export const modulesBody = z.object({
  mainModule: z.string(),
  modules: z.record(z.string(), z.string()),
  sources: sourcesSchema.nullable().describe('Null if the upload had no sources.'),
})
export type ModulesBody = z.infer<typeof modulesBody>

/** The manifest as uploaded, with defaults filled in. */
export const manifestBody = z.object({
  manifest: manifestSchema,
})
export type ManifestBody = z.infer<typeof manifestBody>

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
