import type { DeployStep } from '../../protocol/api/versions.ts'
import { isError } from '../../protocol/versions/finding.ts'
import { notFound, Problem } from '../../protocol/problem.ts'
import type { Upload } from '../../protocol/versions/upload.ts'
import type { Store } from '../../store/index.ts'
import type { HostedServer } from '../../store/servers/servers.ts'
import { findVersion, insertVersion, setActiveVersion, type Version } from '../../store/servers/versions.ts'
import { publishEvent } from '../events.ts'
import { checkUpload, storeUpload } from '../sources/registry.ts'
import { deleteUnusedBundles } from './delete.ts'
import { probe } from './probe.ts'
import type { HostingContext } from '../sources/source.ts'

interface Deployment {
  /** Store whose batch is the deployment. */
  store: Store
  /** Id of the new version. */
  id: string
  server: HostedServer
  upload: Upload
  /** Activates the version together with its insertion, unless the version is refused. */
  activate: boolean
  /** Id of a user. */
  createdBy: string
  /** Receives each step as it happens. */
  tell?: ((step: DeployStep) => void) | undefined
}

/**
 * Checks, stores and probes an upload, and keeps the result as the next version. A version with an
 * error among the findings is `refused` and can never become active. Throws a 400 with the faults
 * if the upload itself is invalid; then nothing is stored.
 */
export async function deployVersion(
  { store, id, server, upload, activate, createdBy, tell = () => {} }: Deployment,
  env: Env,
  ctx: HostingContext,
): Promise<Version> {
  const faults = checkUpload(upload)
  if (faults.length > 0) {
    throw new Problem(400, 'Invalid upload', `Invalid upload: ${faults[0]?.subject}: ${faults[0]?.message}.`, {
      errors: faults.map(({ pointer, rule, message }) => ({ pointer, detail: `${rule}: ${message}` })),
    })
  }
  const { manifest, modules = {} } = upload
  tell({ step: 'accepted', modules: Object.keys(modules).length })
  const { content, bytes } = await storeUpload(upload, server.tenantId, env)
  tell({ step: 'stored', bundleHash: content.bundleHash, bytes })
  const onAsk = (subject: string) => tell({ step: 'asking', subject })
  const { surface, findings } = await probe({ server, version: { id, number: 0, content }, onAsk }, env, ctx)
  tell({ step: 'probed', findings })
  const inserted = await insertVersion(store, {
    ...server.key,
    id,
    content,
    bundleBytes: bytes,
    state: findings.some(isError) ? 'refused' : 'ready',
    surface,
    findings,
    note: manifest.note,
    createdBy,
    activate,
  })
  if (!inserted) throw notFound()
  ctx.waitUntil(deleteUnusedBundles(env, server.tenantId, new Set(inserted.pruned)))
  const version = await findVersion(store, { ...server.key, number: inserted.number })
  if (!version) throw new Error('the new version is not in the store')
  tell({ step: 'version', number: version.number, state: version.state })
  if (activate && version.state === 'ready') {
    notifyListsChanged(server, env, ctx)
    tell({ step: 'activated', number: version.number })
  }
  return version
}

/**
 * Makes a version the active version. Activating an older version is a rollback. Notifies
 * subscribed clients that the lists may have changed. Throws a 404 for an unknown version and a 409
 * for a refused version.
 */
export async function activateVersion(
  { store, server, number, actor }: { store: Store; server: HostedServer; number: number; actor: string },
  env: Env,
  ctx: HostingContext,
): Promise<Version> {
  const at = { ...server.key, number }
  const activated = await setActiveVersion(store, at, actor)
  const version = await findVersion(store, at)
  if (!version) throw notFound()
  if (!activated) {
    const reasons = version.findings.filter(isError).map(({ subject, message }) => ({ pointer: `/findings/${subject}`, detail: message }))
    throw new Problem(
      409,
      'Version refused',
      `Version ${number} was refused by the probe and cannot become active. Fix the errors and deploy again.`,
      {
        errors: reasons,
      },
    )
  }
  notifyListsChanged(server, env, ctx)
  return version
}

function notifyListsChanged({ id }: HostedServer, env: Env, ctx: HostingContext): void {
  ctx.waitUntil(Promise.all(LISTS.map((type) => publishEvent(env, id, { type }))))
}

const LISTS = ['tools/list_changed', 'prompts/list_changed', 'resources/list_changed'] as const
