import { z } from 'zod'
import { issuerFault } from '../openid/configuration.ts'
import { name, time } from './fields.ts'

/* Identity providers of a tenant, and links to members. */

const issuer = z
  .string()
  .max(500)
  .superRefine((value, ctx) => {
    const fault = issuerFault(value)
    if (fault !== undefined) ctx.addIssue({ code: 'custom', message: fault })
  })
const keySetUrl = z
  .string()
  .max(2048)
  .refine((value) => URL.canParse(value) && new URL(value).protocol === 'https:', 'must be an https URL')
  .nullable()
const visible = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')

export const createIdentityProvider = z.strictObject({
  name,
  issuer,
  /** Required `tenant` claim, for an issuer that serves several tenants. */
  issuerTenant: visible(500).nullable().default(null),
  /** URL of the keys, for an issuer without a configuration document. */
  jwksUri: keySetUrl.default(null),
  /** Trusts every e-mail address of the provider, also without `email_verified`. */
  trustsEmails: z.boolean().default(false),
  /** Accepts the provider's identity assertions (ID-JAG) at the tenant's hosted servers. */
  assertions: z.boolean().default(false),
  /** Sign-in of members through the provider. Null turns sign-in off. */
  signIn: z
    .strictObject({ clientId: visible(500), clientSecret: visible(1000) })
    .nullable()
    .default(null),
})
/** Change of a provider. Issuer and issuer's tenant cannot change, because links depend on both. */
export const updateIdentityProvider = z.strictObject({
  name: name.optional(),
  jwksUri: keySetUrl.optional(),
  trustsEmails: z.boolean().optional(),
  assertions: z.boolean().optional(),
  /** An absent secret keeps the stored secret. */
  signIn: z
    .strictObject({ clientId: visible(500), clientSecret: visible(1000).optional() })
    .nullable()
    .optional(),
})
export const identityProviderBody = z.object({
  id: z.string(),
  name: z.string(),
  issuer: z.string(),
  issuerTenant: z.string().nullable(),
  jwksUri: z.string().nullable(),
  trustsEmails: z.boolean(),
  assertions: z.boolean(),
  signIn: z
    .object({ clientId: z.string(), clientSecretLastFour: z.string(), redirectUri: z.string(), url: z.string() })
    .nullable()
    .describe(`redirectUri must be registered at the provider. url is the members' sign-in page.`),
  createdBy: z.string().nullable(),
  createdAt: time,
  updatedAt: time,
})
export type IdentityProviderBody = z.infer<typeof identityProviderBody>

export const createIdentityLink = z.strictObject({ subject: z.string().min(1).max(500), userId: z.string().min(1).max(64) })
/** Link from a provider's subject to a member. */
export const identityLinkBody = z.object({
  id: z.string(),
  subject: z.string(),
  email: z.string().nullable().describe('Value from the provider at the time of linking.'),
  userId: z.string(),
  userName: z.string(),
  userEmail: z.string(),
  createdBy: z.string().nullable(),
  createdAt: time,
  lastUsedAt: time.nullable(),
})
export type IdentityLinkBody = z.infer<typeof identityLinkBody>

/**
 * Identity provider of the user: valid in one tenant, or everywhere (null) for the operator's
 * provider.
 */
export const myIdentityBody = z.object({
  id: z.string(),
  issuer: z.string(),
  name: z.string(),
  tenant: z.string().nullable(),
  createdAt: time,
  lastUsedAt: time.nullable(),
})
export type MyIdentityBody = z.infer<typeof myIdentityBody>
