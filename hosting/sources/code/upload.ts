import { checkBundle, checkSources, type CodeManifest, type Sources } from '../../../protocol/versions/bundle.ts'
import type { ContentOf } from '../../../protocol/versions/content.ts'
import type { UploadFault } from '../../../protocol/versions/upload.ts'
import { putBundle } from '../../../store/servers/bundles.ts'

export interface CodeUpload {
  manifest: CodeManifest
  /** Module name to source text. */
  modules: Record<string, string>
  sources?: Sources | undefined
}

export function checkCodeUpload({ manifest, modules, sources }: CodeUpload): UploadFault[] {
  const problems = [...checkBundle(manifest, modules), ...(sources ? checkSources(sources) : [])]
  return problems.map(({ subject, rule, message }) => ({ pointer: pointerTo(subject, rule), subject, rule, message }))
}

/** Stores modules and sources in an R2 object. */
export async function storeCodeUpload(
  { manifest, modules, sources }: CodeUpload,
  tenantId: string,
  env: Env,
): Promise<{ content: ContentOf<'code'>; bytes: number }> {
  const { mainModule } = manifest
  const { hash, bytes } = await putBundle(env, tenantId, { mainModule, modules, ...(sources ? { sources } : {}) })
  return { content: { source: 'code', bundleHash: hash, mainModule }, bytes }
}

function pointerTo(subject: string, rule: string): string {
  if (rule === 'main-module') return '/manifest/mainModule'
  if (rule === 'sources') {
    const file = /^sources\/files\/(.*)$/s.exec(subject)?.[1]
    return file === undefined ? `/${subject}` : `/sources/files/${escaped(file)}`
  }
  return subject === 'modules' ? '/modules' : `/modules/${escaped(subject)}`
}

/** Escapes a name for a JSON Pointer (RFC 6901). */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
