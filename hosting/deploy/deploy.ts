import type { DeployStep } from '../../protocol/api/versions.ts'
import { checkBundle, checkSources, type Manifest, type Sources } from '../../protocol/versions/bundle.ts'
import { isError } from '../../protocol/versions/finding.ts'
import { Problem } from '../../protocol/problem.ts'
import { newId } from '../../protocol/random.ts'
import { putBundle } from '../../store/servers/bundles.ts'
import { openStore } from '../../store/index.ts'
import type { HostedServer } from '../../store/servers/servers.ts'
import { findVersion, insertVersion, setActiveVersion, type Version } from '../../store/servers/versions.ts'
import { publishEvent } from '../events.ts'
import { deleteUnusedBundles } from './delete.ts'
import { probe } from './probe.ts'
import type { HostingContext } from '../sources/source.ts'

interface Deployment {
  server: HostedServer
  manifest: Manifest
  /** Module name -> source text. */
  modules: Record<string, string>
  sources?: Sources | undefined
  /** The user's id. */
  createdBy: string
}

/** Hears of each step as it happens. */
export type Tell = (step: DeployStep) => void

/**
 * Takes an upload as the next version: checked, stored, probed, and kept with what the probe saw. A version with an error among its findings is `refused`
 * and can never become active. Throws a 400 that names the module and the rule when the upload itself is not acceptable; nothing is stored then.
 */
export async function deployVersion(
  { server, manifest, modules, sources, createdBy }: Deployment,
  env: Env,
  ctx: HostingContext,
  tell: Tell = () => {},
): Promise<Version> {
  const problems = [...checkBundle(manifest, modules), ...(sources ? checkSources(sources) : [])]
  if (problems.length > 0) {
    throw new Problem(400, 'Invalid bundle', `The upload was not accepted: ${problems[0]?.subject}: ${problems[0]?.message}.`, {
      errors: problems.map(({ subject, rule, message }) => ({ pointer: pointerTo(subject, rule), detail: `${rule}: ${message}` })),
    })
  }
  tell({ step: 'accepted', modules: Object.keys(modules).length })
  const store = openStore(env)
  const bundle = { mainModule: manifest.mainModule, modules, ...(sources ? { sources } : {}) }
  const { hash, bytes } = await putBundle(env, server.tenantId, bundle)
  tell({ step: 'stored', bundleHash: hash, bytes })
  const id = newId()
  const candidate = { id, number: 0, bundleHash: hash, mainModule: manifest.mainModule }
  const { surface, findings } = await probe({ server, version: candidate, onAsk: (subject) => tell({ step: 'asking', subject }) }, env, ctx)
  tell({ step: 'probed', findings })
  const inserted = await insertVersion(store, {
    id,
    ...server.key,
    bundleHash: hash,
    bundleBytes: bytes,
    mainModule: manifest.mainModule,
    state: findings.some(isError) ? 'refused' : 'ready',
    surface,
    findings,
    note: manifest.note,
    createdBy,
  })
  if (!inserted) throw new Problem(404, 'Not found', 'There is nothing here, or you may not see it.')
  ctx.waitUntil(deleteUnusedBundles(env, server.tenantId, new Set(inserted.pruned)))
  const version = await findVersion(store, { ...server.key, number: inserted.number })
  if (!version) throw new Error('the version just made is gone')
  tell({ step: 'version', number: version.number, state: version.state })
  return version
}

/**
 * Makes a version the one clients get; an older one again is a rollback. In one batch, so clients see the old or the new, and every subscribed one is
 * told that its lists may have changed. Throws 404 for an unknown version and 409 for a refused one.
 */
export async function activateVersion(
  { server, number, actor }: { server: HostedServer; number: number; actor: string },
  env: Env,
  ctx: HostingContext,
): Promise<Version> {
  const store = openStore(env)
  const at = { ...server.key, number }
  const activated = await setActiveVersion(store, at, actor)
  const version = await findVersion(store, at)
  if (!version) throw new Problem(404, 'Not found', 'There is nothing here, or you may not see it.')
  if (!activated) {
    const reasons = version.findings.filter(isError).map(({ subject, message }) => ({ pointer: `/findings/${subject}`, detail: message }))
    throw new Problem(409, 'Version refused', `Version ${number} was refused when it was probed and cannot become active.`, {
      errors: reasons,
    })
  }
  ctx.waitUntil(Promise.all(LISTS.map((type) => publishEvent(env, server.id, { type }))))
  return version
}

const LISTS = ['tools/list_changed', 'prompts/list_changed', 'resources/list_changed'] as const

/** RFC 6901. */
function pointerTo(subject: string, rule: string): string {
  if (rule === 'main-module') return '/manifest/mainModule'
  if (rule === 'sources') {
    const file = /^sources\/files\/(.*)$/s.exec(subject)?.[1]
    return file === undefined ? `/${subject}` : `/sources/files/${escaped(file)}`
  }
  return subject === 'modules' ? '/modules' : `/modules/${escaped(subject)}`
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
