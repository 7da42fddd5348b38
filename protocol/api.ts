/*
 * Bodies of the management API (`/api/*`): a schema for what comes in, a type for what goes out. The handlers, the dashboard and the scripts all read these
 * pages. Times are ISO 8601 in UTC; `tenant` and `server` in a URL are slugs; lists that can grow are pages, newest first, with a `next` to pass as `before`.
 */
export type { Finding, Surface, ToolDefinition } from './surface.ts'
export type { AuditAction } from './audit.ts'
export type { Sources } from './bundle.ts'
export type { Page, ProblemBody, RoleName } from './api/fields.ts'
export * from './api/me.ts'
export * from './api/grants.ts'
export * from './api/tenants.ts'
export * from './api/identities.ts'
export * from './api/servers.ts'
export * from './api/versions.ts'
export * from './api/clients.ts'
export * from './api/machines.ts'
export * from './api/activity.ts'
