import { ACCOUNT_OPERATIONS } from './account.ts'
import { APPS_OPERATIONS } from './apps.ts'
import { IDENTITY_PROVIDERS_OPERATIONS } from './identity-providers.ts'
import { MACHINE_CLIENTS_OPERATIONS } from './machine-clients.ts'
import { SERVERS_OPERATIONS } from './servers.ts'
import { TENANTS_OPERATIONS } from './tenants.ts'
import { VERSIONS_OPERATIONS } from './versions.ts'
import type { Operation } from './operation.ts'

/** Every operation under `/api`. A test compares the list with the routes of the router. */
export const OPERATIONS: Operation[] = [
  ...ACCOUNT_OPERATIONS,
  ...TENANTS_OPERATIONS,
  ...SERVERS_OPERATIONS,
  ...VERSIONS_OPERATIONS,
  ...APPS_OPERATIONS,
  ...MACHINE_CLIENTS_OPERATIONS,
  ...IDENTITY_PROVIDERS_OPERATIONS,
]
