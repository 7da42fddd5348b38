import { RecentMap } from '../../../protocol/recent-map.ts'
import type { ContentOf } from '../../../protocol/versions/content.ts'
import type { StaticManifest, StaticPrompt, StaticResource, StaticResourceTemplate } from '../../../protocol/versions/static-manifest.ts'
import { findStaticManifest } from '../../../store/servers/bundles.ts'
import type { VersionReference } from '../../../store/servers/servers.ts'
import { parseUriTemplate, type UriTemplate } from './uri-template.ts'

export type StaticVersion = VersionReference<ContentOf<'static'>>

/** A manifest with its entries by key. */
export interface StaticContent {
  manifest: StaticManifest
  prompts: ReadonlyMap<string, StaticPrompt>
  resources: ReadonlyMap<string, StaticResource>
  templates: readonly { template: StaticResourceTemplate; parsed: UriTemplate }[]
}

/** Bytes of JSON kept by the isolate. Versions never change, so entries do not expire. */
const BUDGET = 16_000_000
const cached = new RecentMap<StaticContent>(BUDGET)

/** Returns the content of a version, from memory if this isolate has read the version before. */
export async function findContent(env: Env, tenantId: string, version: StaticVersion): Promise<StaticContent> {
  const key = `${tenantId} ${version.id}`
  const known = cached.get(key)
  if (known) return known
  const found = await findStaticManifest(env, tenantId, version.content.bundleHash)
  if (!found) throw new Error(`the manifest of version ${version.number} is not in storage`)
  const content = contentOf(found.manifest)
  cached.set(key, content, found.size)
  return content
}

function contentOf(manifest: StaticManifest): StaticContent {
  return {
    manifest,
    prompts: new Map(manifest.prompts.map((prompt) => [prompt.name, prompt])),
    resources: new Map(manifest.resources.map((resource) => [resource.uri, resource])),
    templates: manifest.resourceTemplates.flatMap((template) => {
      const parsed = parseUriTemplate(template.uriTemplate)
      return parsed ? [{ template, parsed }] : []
    }),
  }
}
