import type { z } from 'zod'
import type { RoleName } from './fields.ts'
import type { createAccessKey } from './machines.ts'
import type { createServer } from './servers.ts'

/*
 * Role required to write a field, for resources whose fields require different roles. The same
 * table holds for every request that writes the field. Fields of the other resources require the
 * role of the route, which is the same for creation and change.
 */

export type FieldRoles<T> = Readonly<Record<keyof T & string, RoleName>>

export const SERVER_FIELDS: FieldRoles<z.input<typeof createServer>> = {
  slug: 'developer',
  name: 'developer',
  description: 'developer',
  icon: 'developer',
  // who may connect, what the code may reach, and what a call may use
  access: 'admin',
  clients: 'admin',
  registration: 'admin',
  machineScopes: 'admin',
  challenge: 'admin',
  origins: 'admin',
  egress: 'admin',
  limits: 'admin',
}

export const ACCESS_KEY_FIELDS: FieldRoles<z.input<typeof createAccessKey>> = {
  name: 'developer',
  scopes: 'developer',
  tools: 'developer',
  expiresInDays: 'developer',
  // a key of a client has the rights that an admin gave the client
  clientId: 'admin',
}
