import { useQuery } from '@tanstack/react-query'
import type { Page, VersionSummaryBody } from '../../../../../protocol/api.ts'
import { at, call, keys } from '../../../api.ts'

/** All that are kept, which is one page at most. */
export function useAllVersions(tenant: string, server: string) {
  return useQuery({
    queryKey: [...keys.versions(tenant, server), 'all'],
    queryFn: async ({ signal }) =>
      (await call<Page<VersionSummaryBody>>('GET', `${at.server(tenant, server)}/versions?limit=200`, undefined, { signal })).items,
  })
}
