import { z } from 'zod'
import { codeManifestSchema, type Sources } from './bundle.ts'
import { staticManifestSchema } from './static-manifest.ts'

/** Describes a new version. Each source has a schema of its own. */
export const manifestSchema = z.discriminatedUnion('source', [codeManifestSchema, staticManifestSchema], { error: unknownSource })
export type Manifest = z.infer<typeof manifestSchema>

function unknownSource(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === 'invalid_union' ? 'must be one of: code, static' : undefined
}

/** A new version as a tenant uploads it. */
export interface Upload {
  manifest: Manifest
  /** Module name to source text. */
  modules?: Record<string, string> | undefined
  sources?: Sources | undefined
}

/** Refuses an upload. */
export interface UploadFault {
  /** RFC 6901, into the upload. */
  pointer: string
  /** Name of the module or of the part of the upload. */
  subject: string
  rule: string
  message: string
}
