import { z } from 'zod'

/*
 * What people let apps do.
 */

const toolNames = z.array(z.string().min(1).max(128)).max(2000).nullable().optional()
/** What a call can need. `offline_access` is no right to call anything and stays as it was granted. */
const callScopes = z
  .array(z.enum(['mcp:read', 'mcp:write']))
  .max(2)
  .optional()

/** By the person who approved: `tools` is any choice of the server's tools, null = all of them; `scopes` can only become fewer. */
export const changeMyGrant = z.strictObject({ tools: toolNames, scopes: callScopes })
/** By the tenant: what it leaves of what the person chose, null = all of that; `scopes` can only become fewer. */
export const changeGrant = z.strictObject({ toolLimit: toolNames, scopes: callScopes })

export interface GrantBody {
  id: string
  tenant: string
  server: string
  /** Who approved it. */
  userId: string
  userName: string
  userEmail: string
  clientId: string
  /** What it called itself when it was approved. */
  clientName: string
  /** `document`: the id is the URL of its Client ID Metadata Document. `registered`: it registered, or was made by hand. */
  clientKind: 'document' | 'registered'
  /** Of what its user was shown of the document, SHA-256 in hex: another one since means that the document says something else now. */
  clientDocumentHash: string | null
  /** When it registered or was made; null for a document, and for a client that is gone. */
  clientRegisteredAt: string | null
  /** Where the code was sent; null for a device, which has none. */
  redirectUri: string | null
  scopes: string[]
  /** The tools its user chose; null = all. */
  tools: string[] | null
  /** The tools the tenant leaves of those; null = all of them. */
  toolLimit: string[] | null
  createdAt: string
  lastUsedAt: string | null
  expiresAt: string | null
}

/** One grant of one's own, with what could be chosen for it. */
export interface GrantChoiceBody extends GrantBody {
  offered: { name: string; title: string | null; canChangeThings: boolean }[]
}
