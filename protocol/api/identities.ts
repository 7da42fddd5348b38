import { z } from 'zod'
import { issuerFault } from '../openid/configuration.ts'
import { name } from './fields.ts'

/*
 * Who else may say who a tenant's people are.
 */

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
  /** Of an issuer that serves several: what its tokens must name as `tenant`. */
  issuerTenant: visible(500).nullable().default(null),
  /** Where its keys are, for an issuer that publishes no configuration document. */
  jwksUri: keySetUrl.default(null),
  /** Every address it names is its user's, also where it does not say `email_verified`. */
  trustsEmails: z.boolean().default(false),
  /** Its identity assertions (ID-JAG) are exchanged for tokens at the tenant's hosted servers. */
  assertions: z.boolean().default(false),
  /** Members sign in through it; null = they do not. */
  signIn: z
    .strictObject({ clientId: visible(500), clientSecret: visible(1000) })
    .nullable()
    .default(null),
})
/** Issuer and issuer's tenant stay: the people linked are theirs. */
export const updateIdentityProvider = z.strictObject({
  name: name.optional(),
  jwksUri: keySetUrl.optional(),
  trustsEmails: z.boolean().optional(),
  assertions: z.boolean().optional(),
  /** The secret may be left out: then the one there is stays. */
  signIn: z
    .strictObject({ clientId: visible(500), clientSecret: visible(1000).optional() })
    .nullable()
    .optional(),
})
export interface IdentityProviderBody {
  id: string
  name: string
  issuer: string
  issuerTenant: string | null
  jwksUri: string | null
  trustsEmails: boolean
  assertions: boolean
  /** `redirectUri` is to be registered at the provider; members go to `url`. */
  signIn: { clientId: string; clientSecretLastFour: string; redirectUri: string; url: string } | null
  createdBy: string | null
  createdAt: string
  updatedAt: string
}

export const createIdentityLink = z.strictObject({ subject: z.string().min(1).max(500), userId: z.string().min(1).max(64) })
/** Which member the provider means by a subject. */
export interface IdentityLinkBody {
  id: string
  subject: string
  /** As the provider had it when the link was made. */
  email: string | null
  userId: string
  userName: string
  userEmail: string
  createdBy: string | null
  createdAt: string
  lastUsedAt: string | null
}

/** A provider that may say it is you: in the tenant that runs it, or (null) everywhere, which is the operator's. */
export interface MyIdentityBody {
  id: string
  issuer: string
  name: string
  tenant: string | null
  createdAt: string
  lastUsedAt: string | null
}
