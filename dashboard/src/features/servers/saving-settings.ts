import { useQueryClient } from '@tanstack/react-query'
import type { ServerBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { type Saving, useSaving } from '../../forms/saving.ts'
import { serversKey } from './queries.ts'

interface SavingSettings<T extends object> extends Pick<Saving<T>, 'name' | 'saved'> {
  tenant: string
  /** The server's slug. */
  server: string
  /** The settings that say so, as the API takes them. */
  settings: (changed: Partial<T>, values: T) => object
  done?: string
}

/** The same of a hosted server's settings. */
export function useSavingSettings<T extends object>({
  tenant,
  server,
  settings,
  done = 'Saved. It takes effect within ten seconds.',
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
