import { activateVersion as activate, deployVersion } from '../../hosting/deploy/deploy.ts'
import { findManifest } from '../../hosting/sources/registry.ts'
import type { Page } from '../../protocol/api/fields.ts'
import {
  uploadVersion as uploadSchema,
  type ManifestBody,
  type ModulesBody,
  type VersionBody,
  type VersionSummaryBody,
} from '../../protocol/api/versions.ts'
import { notFound } from '../../protocol/problem.ts'
import { newId } from '../../protocol/random.ts'
import { findBundle } from '../../store/servers/bundles.ts'
import {
  findVersion,
  findVersionNumber,
  listVersions as findVersions,
  type Version,
  type VersionSummary,
} from '../../store/servers/versions.ts'
import { created, ok } from './replies.ts'
import { MAX_UPLOAD, readJson } from './body.ts'
import { storeWithReceipt } from './idempotent.ts'
import { badBefore, cutToPage, pageOf } from './paging.ts'
import type { SteppedRequest } from './steps.ts'
import { forgetHostedServer } from '../hosted-servers.ts'
import type { Handler, TenantServerRequest } from '../request.ts'

export const listVersions: Handler<TenantServerRequest> = async (request) => {
  const { store, server } = request
  const { limit, before } = pageOf(request)
  if (before !== undefined && !/^\d{1,9}$/.test(before)) throw badBefore()
  const found = await findVersions(store, server.key, { limit: limit + 1, ...(before === undefined ? {} : { before: Number(before) }) })
  const { rows, next } = cutToPage(found, limit, ({ number }) => String(number))
  return ok({ items: rows.map(summaryBody), ...next } satisfies Page<VersionSummaryBody>)
}

/**
 * Uploads, validates and probes a version. A version with an error finding is stored as `refused`
 * and never becomes active.
 */
export const uploadVersion: Handler<TenantServerRequest & SteppedRequest> = async (request) => {
  const { server, user, env, tell } = request
  const { activate, ...upload } = await readJson(request, uploadSchema, MAX_UPLOAD)
  const id = newId()
  const store = await storeWithReceipt(request, 201, id)
  const version = await deployVersion({ store, id, server, upload, activate, createdBy: user.id, tell }, env, request)
  if (version.active) forgetHostedServer(server)
  return created(versionBody(version))
}

/** Replies like {@link uploadVersion} after a version that is stored without its reply. */
export async function recallUpload({ store, server }: TenantServerRequest, id: string): Promise<Response | undefined> {
  const number = await findVersionNumber(store, server.key, id)
  const version = number === undefined ? undefined : await findVersion(store, { ...server.key, number })
  return version && created(versionBody(version))
}

export const showVersion: Handler<TenantServerRequest> = async (request) => ok(versionBody(await theVersion(request)))

/** Shows a version's uploaded modules and their sources, for comparison and for editing. */
export const showModules: Handler<TenantServerRequest> = async (request) => {
  const { content } = await theVersion(request)
  if (content.source !== 'code') throw notFound()
  const bundle = await findBundle(request.env, request.server.tenantId, content.bundleHash)
  if (!bundle) throw notFound()
  return ok({ mainModule: bundle.mainModule, modules: bundle.modules, sources: bundle.sources ?? null } satisfies ModulesBody)
}

/** The manifest as uploaded, to edit and deploy again. */
export const showManifest: Handler<TenantServerRequest> = async (request) => {
  const manifest = await findManifest(await theVersion(request), request.env)
  if (!manifest) throw notFound()
  return ok({ manifest } satisfies ManifestBody)
}

/** Activates a version. An older version is a rollback. */
export const activateVersion: Handler<TenantServerRequest> = async (request) => {
  const { server, user, env } = request
  const number = numberOf(request)
  const store = await storeWithReceipt(request, 200, String(number))
  const version = await activate({ store, server, number, actor: user.id }, env, request)
  forgetHostedServer(server)
  return ok(versionBody(version))
}

/** Replies like {@link activateVersion} after an activation that is stored without its reply. */
export async function recallActivation(request: TenantServerRequest): Promise<Response> {
  return ok(versionBody(await theVersion(request)))
}

async function theVersion(request: TenantServerRequest): Promise<Version> {
  const { store, server } = request
  const version = await findVersion(store, { ...server.key, number: numberOf(request) })
  if (!version) throw notFound()
  return version
}

function numberOf({ params }: TenantServerRequest): number {
  const number = params['number'] ?? ''
  if (!/^[1-9]\d{0,8}$/.test(number)) throw notFound()
  return Number(number)
}

function summaryBody({
  number,
  state,
  active,
  content,
  note,
  bundleBytes,
  findings,
  createdBy,
  createdAt,
}: VersionSummary): VersionSummaryBody {
  return { number, state, active, source: content.source, note, bundleBytes, findings, createdBy, createdAt: createdAt.toISOString() }
}

function versionBody(version: Version): VersionBody {
  return { ...summaryBody(version), content: version.content, surface: version.surface }
}
