import { z } from 'zod'
import type { Addresses } from '../location.ts'
import { parseClientMetadata, type ClientMetadata } from './client-metadata/client-metadata.ts'
import { OAuthError } from './errors.ts'

/**
 * Client ID Metadata Document (draft-ietf-oauth-client-id-metadata-document), served at the https
 * URL that is the client id.
 */
export interface ClientDocument extends ClientMetadata {
  clientId: string
}

/** Limit in decoded bytes. The draft recommends 5 KB (§6.6). */
export const MAX_CLIENT_DOCUMENT = 5 * 1024

/**
 * Returns true for a client id that is a document URL, which is never looked up among registered
 * clients.
 */
export function isDocumentUrl(clientId: string): boolean {
  return /^https?:/i.test(clientId)
}

/**
 * Returns the fault of a document URL, or undefined (§3 of the draft; only port 443). The guarded
 * fetch checks the host name.
 */
export function documentUrlFault(clientId: string): string | undefined {
  if (clientId.length > 2048) return 'is longer than 2048 characters'
  if (!/^[\x21-\x7e]+$/.test(clientId) || clientId.includes('\\')) return 'has characters that are not allowed in a URL'
  if (!clientId.startsWith('https://')) return 'must start with https://'
  if (clientId.includes('#')) return 'has a fragment'
  if (!URL.canParse(clientId)) return 'is not a URL'
  const url = new URL(clientId)
  if (/^https:\/\/[^/?]*@/.test(clientId)) return 'has user information'
  if (url.pathname === '/' || !/^https:\/\/[^/?]+\//.test(clientId)) return 'has no path'
  if (/\/(?:\.|%2e){1,2}(?:\/|\?|$)/i.test(clientId)) return 'has dot segments in its path'
  if (url.port !== '') return 'names a port other than 443'
  if (url.href !== clientId) return 'is not in normalized form'
  return undefined
}

const documentShape = z.looseObject({
  client_id: z.string({ error: 'must be the URL of the document' }),
  token_endpoint_auth_method: z
    .enum(['none', 'private_key_jwt'], {
      error: 'must be none or private_key_jwt, because a public document cannot hold a secret',
    })
    .default('none'),
})

/**
 * Parses a fetched document. Throws an OAuthError that names the fault. `addresses` is as in
 * MetadataPolicy.
 */
export function parseClientDocument(body: unknown, url: string, addresses: Addresses | undefined): ClientDocument {
  const parsed = documentShape.safeParse(body)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const member = issue?.path[0]
    throw new OAuthError(
      'invalid_client_metadata',
      member === undefined ? 'the document must be a JSON object' : `${String(member)} in the document ${issue?.message}`,
    )
  }
  const document = parsed.data
  if (document.client_id !== url)
    throw new OAuthError('invalid_client_metadata', 'client_id in the document does not match the URL of the document')
  for (const member of ['client_secret', 'client_secret_expires_at']) {
    if (member in document) throw new OAuthError('invalid_client_metadata', `${member} is not allowed in a public document`)
  }
  return { ...parseClientMetadata(document, { addresses, allowsJwtBearer: true }), clientId: url }
}
