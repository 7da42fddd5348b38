/*
 * Every table of the platform. Each row has an owner it goes away with, a cap its writer holds, and, where it is not the owner's to delete, an expiry
 * the scheduled sweep finds by index. Times are whole seconds; ids are random and opaque. Secrets appear as SHA-256 hashes only.
 */
export * from './schema/people.ts'
export * from './schema/tenants.ts'
export * from './schema/identities.ts'
export * from './schema/servers.ts'
export * from './schema/clients.ts'
export * from './schema/grants.ts'
export * from './schema/machines.ts'
