import { queryOptions } from '@tanstack/react-query'
import type { GrantBody, GrantChoiceBody } from '../../../../protocol/api.ts'
import { call, pages } from '../../api.ts'
import { meKey } from '../account/queries.ts'

export const myGrantsKey = [...meKey, 'grants'] as const

export const myGrantsQuery = () => pages<GrantBody>(myGrantsKey, '/me/grants')

export const myGrantQuery = (id: string) =>
  queryOptions({
    queryKey: [...myGrantsKey, id],
    queryFn: ({ signal }) => call<GrantChoiceBody>('GET', `/me/grants/${id}`, undefined, { signal }),
    staleTime: 0,
  })
