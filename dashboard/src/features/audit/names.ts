import { useQuery } from '@tanstack/react-query'
import { identityProvidersQuery } from '../identity-providers/queries.ts'
import { tenantClientsQuery } from '../clients/queries.ts'
import { membersQuery } from '../people/queries.ts'

export type NameOf = (id: string) => string

/**
 * Returns the ids of members, and the names of members, clients and identity providers by their
 * ids. An unknown id, such as that of a former member, is its own name.
 */
export function useNames(tenant: string): { nameOf: NameOf; members: string[] } {
  const { data: members } = useQuery(membersQuery(tenant))
  const { data: clients } = useQuery(tenantClientsQuery(tenant))
  const { data: providers } = useQuery(identityProvidersQuery(tenant))
  const names = new Map([
    ...(members ?? []).map(({ userId, name }) => [userId, name] as const),
    ...(clients ?? []).flatMap(({ clientId, name }) => [[clientId, name] as const, [`client:${clientId}`, name] as const]),
    ...(providers ?? []).map(({ id, name }) => [id, name] as const),
  ])
  return { nameOf: (id) => names.get(id) || id, members: (members ?? []).map(({ userId }) => userId) }
}
