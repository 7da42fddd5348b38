import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import type { ManifestBody, ModulesBody, Page, VersionBody, VersionSummaryBody } from '../../../../protocol/api.ts'
import { apiPath, call, pages } from '../../api.ts'
import { contentFiles } from '../content/content-files.ts'
import { serverKey, serversKey } from '../servers/queries.ts'

export const versionsKey = (tenant: string, server: string) => [...serverKey(tenant, server), 'versions'] as const
export const versionKey = (tenant: string, server: string, number: number) => [...versionsKey(tenant, server), number] as const

export const versionsQuery = (tenant: string, server: string) =>
  pages<VersionSummaryBody>(versionsKey(tenant, server), `${apiPath.server(tenant, server)}/versions`)

/** The newest five versions. */
export const latestVersionsQuery = (tenant: string, server: string) =>
  queryOptions({
    queryKey: [...versionsKey(tenant, server), 'latest'],
    queryFn: async ({ signal }) =>
      (await call<Page<VersionSummaryBody>>('GET', `${apiPath.server(tenant, server)}/versions?limit=5`, undefined, { signal })).items,
  })

export const versionQuery = (tenant: string, server: string, number: number) =>
  queryOptions({
    queryKey: [...versionKey(tenant, server, number), 'itself'],
    queryFn: ({ signal }) => call<VersionBody>('GET', `${apiPath.server(tenant, server)}/versions/${number}`, undefined, { signal }),
  })

/** All versions. A server keeps at most 200 versions, so a single page is enough. */
export const allVersionsQuery = (tenant: string, server: string) =>
  queryOptions({
    queryKey: [...versionsKey(tenant, server), 'all'],
    queryFn: async ({ signal }) =>
      (await call<Page<VersionSummaryBody>>('GET', `${apiPath.server(tenant, server)}/versions?limit=200`, undefined, { signal })).items,
  })

/** Modules and sources of a version. Cached, because versions never change. */
export function modulesQuery(tenant: string, server: string, number: number) {
  return queryOptions({
    queryKey: [...versionKey(tenant, server, number), 'modules'],
    queryFn: ({ signal }) =>
      call<ModulesBody>('GET', `${apiPath.server(tenant, server)}/versions/${number}/modules`, undefined, { signal }),
    staleTime: Infinity,
  })
}

/** Manifest of a version. Cached, because versions never change. */
export function manifestQuery(tenant: string, server: string, number: number) {
  return queryOptions({
    queryKey: [...versionKey(tenant, server, number), 'manifest'],
    queryFn: async ({ signal }) =>
      (await call<ManifestBody>('GET', `${apiPath.server(tenant, server)}/versions/${number}/manifest`, undefined, { signal })).manifest,
    staleTime: Infinity,
  })
}

type Source = VersionBody['content']['source']

/** Readable files of a version: modules and sources of code, or prompts and documents as texts. */
export function filesQuery(
  tenant: string,
  { number, content: { source } }: { number: number; content: { source: Source } },
  server: string,
) {
  return queryOptions({
    queryKey: [...versionKey(tenant, server, number), 'files'],
    queryFn: async ({ client }): Promise<ModulesBody> => {
      if (source === 'code') return client.ensureQueryData(modulesQuery(tenant, server, number))
      const manifest = await client.ensureQueryData(manifestQuery(tenant, server, number))
      const files = manifest.source === 'static' ? contentFiles(manifest) : {}
      return { mainModule: 'Server', modules: files, sources: { main: 'Server', files } }
    },
    staleTime: Infinity,
  })
}

/** Activates a version and reloads queries about the active version. */
export function useActivation(tenant: string, server: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (number: number) => call<VersionBody>('POST', `${apiPath.server(tenant, server)}/versions/${number}/activate`),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: serverKey(tenant, server) }),
        client.invalidateQueries({ queryKey: serversKey(tenant) }),
      ]),
  })
}
