import type { ContentOf } from '../../../protocol/versions/content.ts'
import type { StaticManifest } from '../../../protocol/versions/static-manifest.ts'
import type { Upload, UploadFault } from '../../../protocol/versions/upload.ts'
import { putStaticManifest } from '../../../store/servers/bundles.ts'

/** Refuses modules and sources. The schema has checked the manifest. */
export function checkStaticUpload({ modules, sources }: Pick<Upload, 'modules' | 'sources'>): UploadFault[] {
  const message = 'must be left out, because a static version consists of its manifest only'
  const parts = Object.entries({ modules, sources }).filter(([, part]) => part !== undefined)
  return parts.map(([part]) => ({ pointer: `/${part}`, subject: part, rule: 'static', message }))
}

/** Stores the manifest in an R2 object. */
export async function storeStaticUpload(
  manifest: StaticManifest,
  tenantId: string,
  env: Env,
): Promise<{ content: ContentOf<'static'>; bytes: number }> {
  const { hash, bytes } = await putStaticManifest(env, tenantId, manifest)
  return { content: { source: 'static', bundleHash: hash }, bytes }
}
