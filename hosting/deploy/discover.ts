import { z } from 'zod'
import { MODERN } from '../../protocol/mcp/revisions/2026-07-28.ts'
import { servedCapabilities, unservedCapabilities } from '../../protocol/mcp/extensions.ts'
import { error, warning } from '../../protocol/versions/finding.ts'
import type { Finding, Surface } from '../../protocol/versions/surface.ts'
import type { Ask } from './ask.ts'
import { checkResult } from './check-result.ts'
import { MetaKey } from '../../protocol/mcp/meta.ts'

const SUBJECT = 'server/discover'

const discoverResult = z.object({
  supportedVersions: z.array(z.string()),
  capabilities: z.record(z.string(), z.unknown()),
  instructions: z.string().optional(),
  _meta: z
    .object({
      [MetaKey.serverInfo]: z.looseObject({ name: z.string(), version: z.string(), title: z.string().optional() }).optional(),
    })
    .optional(),
})

type Discovered = Pick<Surface, 'supportedVersions' | 'capabilities' | 'instructions'> & { serverInfo?: Surface['serverInfo'] }

/** Asks for `server/discover`. The value is undefined if the version gave no usable answer. */
export async function discover(ask: Ask): Promise<{ value: Discovered | undefined; findings: Finding[] }> {
  const reply = await ask(SUBJECT, {})
  if ('error' in reply) {
    const message = `server/discover of revision ${MODERN} failed: ${reply.detail}`
    return { value: undefined, findings: [reply.explanation ?? error('discover', SUBJECT, message)] }
  }
  const parsed = discoverResult.safeParse(reply.result)
  if (!parsed.success) {
    const findings = parsed.error.issues.slice(0, 5).map(({ path, message }) => error('discover', SUBJECT, `${path.join('.')}: ${message}`))
    return { value: undefined, findings }
  }
  const { supportedVersions, capabilities, instructions, _meta } = parsed.data
  const serverInfo = _meta?.[MetaKey.serverInfo]
  const findings: Finding[] = []
  if (!supportedVersions.includes(MODERN)) {
    findings.push(error('discover', SUBJECT, `supportedVersions lacks ${MODERN}, the revision that the platform requires`))
  }
  if (!serverInfo) findings.push(warning('discover', SUBJECT, 'serverInfo with name and version is missing'))
  for (const name of unservedCapabilities(capabilities)) {
    const message = `the capability ${name} is left out of the answers to clients, because the platform does not serve the extension`
    findings.push(warning('extension', SUBJECT, message))
  }
  findings.push(...checkResult(SUBJECT, reply.result))
  const value = {
    supportedVersions,
    capabilities: servedCapabilities(capabilities),
    ...(instructions === undefined ? {} : { instructions }),
    ...(serverInfo ? { serverInfo } : {}),
  }
  return { value, findings }
}
