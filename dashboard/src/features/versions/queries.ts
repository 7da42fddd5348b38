import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ManifestBody, ModulesBody, Page, VersionBody, VersionSummaryBody } from '../../../../protocol/api.ts'
import { apiPath, call, pages } from '../../api.ts'
import { serverKey, serverQuery, serversKey } from '../servers/queries.ts'

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
    queryFn: ({ signal }) =>
      call<ManifestBody>('GET', `${apiPath.server(tenant, server)}/versions/${number}/manifest`, undefined, { signal }),
    staleTime: Infinity,
  })
}

/**
 * Returns the source of the active version, or else of the newest version. Null if there is no
 * version, undefined while loading.
 */
export function useSource(tenant: string, server: string): VersionSummaryBody['source'] | null | undefined {
  const { data: hosted } = useQuery(serverQuery(tenant, server))
  const { data: latest } = useQuery(latestVersionsQuery(tenant, server))
  const active = hosted?.activeVersion ?? null
  const listed = latest?.find(({ number }) => number === active)
  // an active version can be older than the newest five
  const isOlder = latest !== undefined && active !== null && !listed
  const { data: older } = useQuery({ ...versionQuery(tenant, server, active ?? 0), enabled: isOlder })
  if (!hosted || !latest || (isOlder && !older)) return undefined
  return (listed ?? older ?? latest[0])?.source ?? null
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
