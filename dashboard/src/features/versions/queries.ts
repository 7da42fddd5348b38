import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ModulesBody, VersionBody } from '../../../../protocol/api.ts'
import { at, call, keys, queries } from '../../api.ts'

/** A version's modules and sources never change. */
export function modulesQuery(tenant: string, server: string, number: number) {
  return queryOptions({
    queryKey: [...keys.version(tenant, server, number), 'modules'],
    queryFn: ({ signal }) => call<ModulesBody>('GET', `${at.server(tenant, server)}/versions/${number}/modules`, undefined, { signal }),
    staleTime: Infinity,
  })
}

/** Makes a version the one clients get, and has the pages ask anew what is active. */
export function useActivation(tenant: string, server: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (number: number) => call<VersionBody>('POST', `${at.server(tenant, server)}/versions/${number}/activate`),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.server(tenant, server) }),
        client.invalidateQueries({ queryKey: keys.servers(tenant) }),
      ]),
  })
}

/** Whose id it is, among the tenant's members; undefined for somebody who has left, and while the list is not there. */
export function useMemberName(tenant: string): (userId: string | null) => string | undefined {
  const { data: members } = useQuery(queries.members(tenant))
  return (userId) => members?.find((member) => member.userId === userId)?.name
}

/** What the viewer may do in the tenant. */
export function useMayDeploy(tenant: string): boolean | undefined {
  const { data } = useQuery(queries.tenant(tenant))
  return data && data.role !== 'viewer'
}
