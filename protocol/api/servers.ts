import { z } from 'zod'
import { DEFAULT_LIMITS, MAX_LIMITS } from '../limits.ts'
import { machineScopes, name, slug, text } from './fields.ts'

/* Hosted servers. */

/** Returns true for an origin as browsers send it, without path and default port. */
function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value
}

const origins = z.array(z.string().max(300).refine(isOrigin, 'must be an origin such as https://app.example.com')).max(50)
const egress = z
  .array(
    z
      .string()
      .max(253)
      .regex(
        /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/,
        'must be a host name such as api.example.com or *.example.com',
      ),
  )
  .max(50)
const limits = z
  .strictObject({
    deadlineSeconds: z.int().min(1).max(MAX_LIMITS.deadlineSeconds),
    // absent in requests of earlier releases
    totalSeconds: z.int().min(1).max(MAX_LIMITS.totalSeconds).default(DEFAULT_LIMITS.totalSeconds),
    concurrentCalls: z.int().min(1).max(MAX_LIMITS.concurrentCalls),
  })
  .refine(({ deadlineSeconds, totalSeconds }) => totalSeconds >= deadlineSeconds, {
    path: ['totalSeconds'],
    message: 'must not be less than deadlineSeconds',
  })
const icon = z
  .string()
  .max(2048)
  .refine((value) => URL.canParse(value) && new URL(value).protocol === 'https:', 'must be an https URL')
  .nullable()

const settings = {
  name: name.optional(),
  description: text(1000).optional(),
  icon: icon.optional(),
  access: z.enum(['members', 'signed-in', 'public']).optional(),
  clients: z.enum(['any', 'approved']).optional(),
  registration: z.enum(['open', 'protected', 'closed']).optional(),
  machineScopes: machineScopes.optional(),
  challenge: z.enum(['full', 'least']).optional(),
  origins: origins.optional(),
  egress: egress.optional(),
  limits: limits.optional(),
}
export const createServer = z.strictObject({ ...settings, slug, name })
export type CreateServerBody = z.input<typeof createServer>
export const updateServer = z.strictObject(settings)
export const serverBody = z.object({
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  icon: z.string().nullable(),
  access: z.enum(['members', 'signed-in', 'public']),
  clients: z.enum(['any', 'approved']),
  registration: z.enum(['open', 'protected', 'closed']),
  machineScopes: z.array(z.string()).describe('Scopes that registered apps may have as machine clients. Empty means no access.'),
  challenge: z.enum(['full', 'least']),
  origins: z.array(z.string()),
  egress: z.array(z.string()),
  limits: limits,
  url: z.string().describe('MCP endpoint by path, and by host if the platform gives servers hosts.'),
  hostUrl: z.string().nullable(),
  activeVersion: z.int().nullable().describe('Null if no version is active.'),
})
export type ServerBody = z.infer<typeof serverBody>

export const changeEnvironment = z.strictObject({
  /** Null removes a value. Absent names keep their values. */
  values: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be a name such as API_URL'), z.string().max(8192).nullable()),
})
export const environmentBody = z.object({
  values: z.array(z.object({ name: z.string(), lastFour: z.string() })),
  unreadable: z.literal(true).optional().describe('Present if the stored values cannot be opened. The next change replaces all of them.'),
})
export type EnvironmentBody = z.infer<typeof environmentBody>
