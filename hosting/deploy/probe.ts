import { isError } from '../../protocol/versions/finding.ts'
import { checkSurface } from '../../protocol/versions/surface-check.ts'
import type { Finding, Surface, ToolDefinition } from '../../protocol/versions/surface.ts'
import { sourceOf } from '../sources/registry.ts'
import type { HostingContext } from '../sources/source.ts'
import { askerOf, type Ask, type Probed } from './ask.ts'
import { discover } from './discover.ts'
import { readList, type ListField } from './read-list.ts'
import { tryTool } from './try-tool.ts'

/**
 * Determines the surface of a version and checks the surface, before any client can call the
 * version. An error among the findings refuses the version. `surface` is null if discovery failed
 * or the surface is too large.
 */
export async function probe(probed: Probed, env: Env, ctx: HostingContext): Promise<{ surface: Surface | null; findings: Finding[] }> {
  const ask = askerOf(probed, env, ctx)
  const declared = await sourceOf(probed.version, { env, ctx }).declareSurface?.(probed.server)
  const { surface, findings } = declared ?? (await askForSurface(probed, ask))
  if (!surface) return { surface, findings }
  findings.push(...checkSurface(surface))
  if (!findings.some(isError)) findings.push(...(await tryTool(ask, surface.tools)))
  return { surface: findings.some(({ rule }) => rule === 'surface-size') ? null : surface, findings }
}

/** Reads the surface as a client would. */
async function askForSurface({ server, version }: Probed, ask: Ask): Promise<{ surface: Surface | null; findings: Finding[] }> {
  const { value: discovered, findings } = await discover(ask)
  if (!discovered) return { surface: null, findings }
  const { capabilities } = discovered
  const list = async (method: string, field: ListField, capability: string) => {
    if (!capabilities[capability]) return []
    const read = await readList(ask, method, field)
    findings.push(...read.findings)
    return read.value
  }
  const surface: Surface = {
    ...discovered,
    serverInfo: discovered.serverInfo ?? { name: server.server, version: String(version.number) },
    tools: (await list('tools/list', 'tools', 'tools')) as ToolDefinition[],
    prompts: await list('prompts/list', 'prompts', 'prompts'),
    resources: await list('resources/list', 'resources', 'resources'),
    resourceTemplates: await list('resources/templates/list', 'resourceTemplates', 'resources'),
  }
  return { surface, findings }
}
