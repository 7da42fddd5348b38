import type { VersionContent } from '../../protocol/versions/content.ts'
import type { Manifest, Upload, UploadFault } from '../../protocol/versions/upload.ts'
import { findStaticManifest } from '../../store/servers/bundles.ts'
import type { VersionReference } from '../../store/servers/servers.ts'
import type { Version } from '../../store/servers/versions.ts'
import { CodeSource } from './code/source.ts'
import { checkCodeUpload, storeCodeUpload } from './code/upload.ts'
import type { Source, SourceContext } from './source.ts'
import { StaticSource } from './static/source.ts'
import { checkStaticUpload, storeStaticUpload } from './static/upload.ts'

/*
 * Chooses the implementation of a source by name. A new source needs a content in
 * protocol/versions/content.ts, a manifest in protocol/versions/upload.ts, and a case in each
 * switch.
 */

/** Returns the source of a version. */
export function sourceOf(version: VersionReference, context: SourceContext): Source {
  const { content } = version
  switch (content.source) {
    case 'code':
      return new CodeSource({ ...version, content }, context)
    case 'static':
      return new StaticSource({ ...version, content }, context)
  }
}

/** Returns the faults of an upload. Runs before any part of the upload is stored or executed. */
export function checkUpload({ manifest, modules, sources }: Upload): UploadFault[] {
  switch (manifest.source) {
    case 'code':
      return checkCodeUpload({ manifest, modules: modules ?? {}, sources })
    case 'static':
      return checkStaticUpload({ modules, sources })
  }
}

/** Stores the files of a checked upload. `bytes` is the size of the part that runs. */
export function storeUpload(
  { manifest, modules = {}, sources }: Upload,
  tenantId: string,
  env: Env,
): Promise<{ content: VersionContent; bytes: number }> {
  switch (manifest.source) {
    case 'code':
      return storeCodeUpload({ manifest, modules, sources }, tenantId, env)
    case 'static':
      return storeStaticUpload(manifest, tenantId, env)
  }
}

/**
 * Returns the manifest of a version as uploaded. Undefined if the version's object is not in
 * storage.
 */
export async function findManifest(
  { content, note, tenantId }: Pick<Version, 'content' | 'note' | 'tenantId'>,
  env: Env,
): Promise<Manifest | undefined> {
  switch (content.source) {
    case 'code':
      return { source: 'code', mainModule: content.mainModule, note }
    case 'static':
      return (await findStaticManifest(env, tenantId, content.bundleHash))?.manifest
  }
}
