import type { VersionContent } from '../../protocol/versions/content.ts'
import type { Upload, UploadFault } from '../../protocol/versions/upload.ts'
import type { VersionReference } from '../../store/servers/servers.ts'
import { CodeSource } from './code/source.ts'
import { checkCodeUpload, storeCodeUpload } from './code/upload.ts'
import type { Source, SourceContext } from './source.ts'

/*
 * Chooses the implementation of a source by name. To add a source: add its content to
 * protocol/versions/content.ts, its manifest to protocol/versions/upload.ts, and a case to each switch.
 */

/** Returns the source that answers for a version. */
export function sourceOf(version: VersionReference, context: SourceContext): Source {
  const { content } = version
  switch (content.source) {
    case 'code':
      return new CodeSource({ ...version, content }, context)
  }
}

/** Returns everything wrong with an upload. Nothing is stored or run before. */
export function checkUpload({ manifest, modules = {}, sources }: Upload): UploadFault[] {
  switch (manifest.source) {
    case 'code':
      return checkCodeUpload({ manifest, modules, sources })
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
  }
}
