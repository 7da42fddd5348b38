import { z } from 'zod'

/**
 * Names the data that a version runs. Stored as one JSON column of the `versions` table. A new
 * source adds a schema here and a case to each switch of hosting/sources/registry.ts.
 */
export const versionContentSchema = z.discriminatedUnion('source', [
  /** ES modules that run in a Dynamic Worker. */
  z.object({
    source: z.literal('code'),
    /** SHA-256 (hex) of the R2 object that holds the modules. */
    bundleHash: z.string(),
    /** Name of the module with the default export. */
    mainModule: z.string(),
  }),
  /** Prompts, resources and instructions as data. */
  z.object({
    source: z.literal('static'),
    /** SHA-256 (hex) of the R2 object that holds the manifest. */
    bundleHash: z.string(),
  }),
])

export type VersionContent = z.infer<typeof versionContentSchema>
export const SOURCE_NAMES = ['code', 'static'] as const satisfies VersionContent['source'][]
export type SourceName = VersionContent['source']
export type ContentOf<S extends SourceName> = Extract<VersionContent, { source: S }>
