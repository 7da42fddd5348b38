/*
 * Types of the management API (`/api/*`). The dashboard imports no other types of the platform. The
 * schemas are in `api/`, by subject. Times are ISO 8601 in UTC; `tenant` and `server` in a URL are
 * slugs. Lists without a limit are pages, newest first; pass `next` as `before` for the next page.
 */
export type { AuditAction } from './audit.ts'
export type { Sources } from './versions/bundle.ts'
export type { Finding, Surface, ToolDefinition } from './versions/surface.ts'
export type * from './api/activity.ts'
export type * from './api/clients.ts'
export type { Page, ProblemBody, RoleName } from './api/fields.ts'
export type * from './api/grants.ts'
export type * from './api/identities.ts'
export type * from './api/machines.ts'
export type * from './api/me.ts'
export type * from './api/servers.ts'
export type * from './api/tenants.ts'
export type * from './api/versions.ts'
