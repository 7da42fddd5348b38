import { queryOptions } from '@tanstack/react-query'
import type { Me, MyIdentityBody, TokenBody } from '../../../../protocol/api.ts'
import { call, list } from '../../api.ts'

export const meKey = ['me'] as const
export const tokensKey = [...meKey, 'tokens'] as const
export const myIdentitiesKey = [...meKey, 'identities'] as const

export const meQuery = () =>
  queryOptions({ queryKey: meKey, queryFn: ({ signal }) => call<Me>('GET', '/me', undefined, { signal }), staleTime: 60_000 })

export const tokensQuery = () => list<TokenBody>(tokensKey, '/me/tokens')

export const myIdentitiesQuery = () => list<MyIdentityBody>(myIdentitiesKey, '/me/identities')
