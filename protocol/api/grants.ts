import { z } from 'zod'
import { time } from './fields.ts'

/* Grants of users to apps. */

const toolNames = z.array(z.string().min(1).max(128)).max(2000).nullable().optional()
/** Scopes that a call can require. `offline_access` gives no right to call and stays unchanged. */
const callScopes = z
  .array(z.enum(['mcp:read', 'mcp:write']))
  .max(2)
  .optional()

/** Change by the approving user. `tools: null` means all tools; scopes can only be removed. */
export const changeMyGrant = z.strictObject({ tools: toolNames, scopes: callScopes })
/**
 * Change by the tenant. `toolLimit` limits the user's choice, null removes the limit; scopes can
 * only be removed.
 */
export const changeGrant = z.strictObject({ toolLimit: toolNames, scopes: callScopes })

export const grantBody = z.object({
  id: z.string(),
  tenant: z.string(),
  server: z.string(),
  userId: z.string().describe('Approving user.'),
  userName: z.string(),
  userEmail: z.string(),
  clientId: z.string(),
  clientName: z.string().describe('Name given by the client at approval.'),
  clientKind: z
    .enum(['document', 'registered'])
    .describe(
      '`document` if the id is the URL of a Client ID Metadata Document. `registered` if the client registered or was created by hand.',
    ),
  clientDocumentHash: z
    .string()
    .nullable()
    .describe(`SHA-256 in hex of the document's members shown to the user. A different hash means a changed document.`),
  clientRegisteredAt: time.nullable().describe('Time of registration or creation. Null for a document, or after the client is deleted.'),
  redirectUri: z.string().nullable().describe('Redirect URI of the code, or null for a device.'),
  scopes: z.array(z.string()),
  tools: z.array(z.string()).nullable().describe('Tools chosen by the user. Null means all.'),
  toolLimit: z.array(z.string()).nullable().describe('Limit set by the tenant. Null means no limit.'),
  createdAt: time,
  lastUsedAt: time.nullable(),
  expiresAt: time.nullable(),
})
export type GrantBody = z.infer<typeof grantBody>

/** Grant of the user, with the tools to choose from. */
export const grantChoiceBody = grantBody.extend({
  offered: z.array(z.object({ name: z.string(), title: z.string().nullable(), canChangeThings: z.boolean() })),
})
export type GrantChoiceBody = z.infer<typeof grantChoiceBody>
