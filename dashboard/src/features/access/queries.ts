import { queryOptions } from '@tanstack/react-query'
import type {
  AccessKeyBody,
  ClientBody,
  GrantBody,
  GrantChoiceBody,
  InitialAccessTokenBody,
  MachineGrantBody,
  Page,
  RegisteredClientBody,
  ServerBody,
  VersionBody,
} from '../../../../protocol/api.ts'
import { apiPath, call, list, pages } from '../../api.ts'
import { serverKey } from '../servers/queries.ts'

const keyOf = (name: string) => (tenant: string, server: string) => [...serverKey(tenant, server), name] as const

export const serverClientsKey = keyOf('clients')
export const accessKeysKey = keyOf('access-keys')
export const initialAccessTokensKey = keyOf('initial-access-tokens')
export const registeredClientsKey = keyOf('registered-clients')
export const machineGrantsKey = keyOf('machine-grants')
export const grantsKey = keyOf('grants')

export const serverClientsQuery = (tenant: string, server: string) =>
  list<ClientBody>(serverClientsKey(tenant, server), `${apiPath.server(tenant, server)}/clients`)

export const accessKeysQuery = (tenant: string, server: string) =>
  list<AccessKeyBody>(accessKeysKey(tenant, server), `${apiPath.server(tenant, server)}/access-keys`)

export const initialAccessTokensQuery = (tenant: string, server: string) =>
  list<InitialAccessTokenBody>(initialAccessTokensKey(tenant, server), `${apiPath.server(tenant, server)}/initial-access-tokens`)

export const machineGrantsQuery = (tenant: string, server: string) =>
  list<MachineGrantBody>(machineGrantsKey(tenant, server), `${apiPath.server(tenant, server)}/machine-grants`)

export const registeredClientsQuery = (tenant: string, server: string) =>
  pages<RegisteredClientBody>(registeredClientsKey(tenant, server), `${apiPath.server(tenant, server)}/registered-clients`)

export const grantsQuery = (tenant: string, server: string) =>
  pages<GrantBody>(grantsKey(tenant, server), `${apiPath.server(tenant, server)}/grants`)

/** The newest grant, or null if there is no grant. */
export const latestGrantQuery = (tenant: string, server: string) =>
  queryOptions({
    queryKey: [...grantsKey(tenant, server), 'latest'],
    queryFn: async ({ signal }) =>
      (await call<Page<GrantBody>>('GET', `${apiPath.server(tenant, server)}/grants?limit=1`, undefined, { signal })).items[0] ?? null,
  })

/**
 * The tools of the active version that a grant can be limited to. Empty if no version is active.
 */
export const choosableToolsQuery = (tenant: string, server: string) =>
  queryOptions({
    queryKey: [...serverKey(tenant, server), 'choosable-tools'],
    queryFn: async ({ signal }): Promise<GrantChoiceBody['offered']> => {
      const { activeVersion } = await call<ServerBody>('GET', apiPath.server(tenant, server), undefined, { signal })
      if (activeVersion === null) return []
      const path = `${apiPath.server(tenant, server)}/versions/${activeVersion}`
      const { surface } = await call<VersionBody>('GET', path, undefined, { signal })
      return (surface?.tools ?? []).map(({ name, title, annotations }) => ({
        name,
        title: title ?? annotations?.title ?? null,
        canChangeThings: annotations?.readOnlyHint !== true,
      }))
    },
  })
