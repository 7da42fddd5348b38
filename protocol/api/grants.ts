import { z } from 'zod'

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

export interface GrantBody {
  id: string
  tenant: string
  server: string
  /** Approving user. */
  userId: string
  userName: string
  userEmail: string
  clientId: string
  /** Name given by the client at approval. */
  clientName: string
  /**
   * `document` if the id is the URL of a Client ID Metadata Document. `registered` if the client
   * registered or was created by hand.
   */
  clientKind: 'document' | 'registered'
  /**
   * SHA-256 in hex of the document's members shown to the user. A different hash means a changed
   * document.
   */
  clientDocumentHash: string | null
  /** Time of registration or creation. Null for a document, or after the client is deleted. */
  clientRegisteredAt: string | null
  /** Redirect URI of the code, or null for a device. */
  redirectUri: string | null
  scopes: string[]
  /** Tools chosen by the user. Null means all. */
  tools: string[] | null
  /** Limit set by the tenant. Null means no limit. */
  toolLimit: string[] | null
  createdAt: string
  lastUsedAt: string | null
  expiresAt: string | null
}

/** Grant of the user, with the tools to choose from. */
export interface GrantChoiceBody extends GrantBody {
  offered: { name: string; title: string | null; canChangeThings: boolean }[]
}
