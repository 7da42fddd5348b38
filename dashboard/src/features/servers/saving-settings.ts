import { useQueryClient } from '@tanstack/react-query'
import type { ServerBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { type Saving, useSaving } from '../../forms/saving.ts'
import { serversKey } from './queries.ts'

interface SavingSettings<T extends object> extends Pick<Saving<T>, 'name' | 'saved'> {
  tenant: string
  /** Slug of the server. */
  server: string
  /** Converts form values to the API's settings. */
  settings: (changed: Partial<T>, values: T) => object
  done?: string
}

/** State of a form that changes settings of a hosted server. */
export function useSavingSettings<T extends object>({
  tenant,
  server,
  settings,
  done = 'Saved. Takes effect within 10 seconds.',
  ...form
}: SavingSettings<T>) {
  const client = useQueryClient()
  return useSaving<T>({
    ...form,
    send: (changed, values) => call<ServerBody>('PATCH', apiPath.server(tenant, server), settings(changed, values)),
    refresh: () => client.invalidateQueries({ queryKey: serversKey(tenant) }),
    done,
  })
}
