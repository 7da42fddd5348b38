import type { InsufficientScopeError, SdkHttpError } from '@modelcontextprotocol/client'
import { clientLibrary } from './client-library.ts'
import { isStateless, type Revision } from './revisions.ts'

/** A failed call, with a message for the user and a kind that decides the possible actions. */
export type Failure = { message: string; detail?: string } & (
  | { kind: 'unauthorized'; hadToken: boolean }
  | { kind: 'insufficient-scope'; scopes: string[] }
  | { kind: 'cancelled' }
  | { kind: 'session-ended' }
  | { kind: 'error-response'; code: number; data: unknown }
  | { kind: 'failed' }
)

interface CallContext {
  /** The request had a token. */
  hadToken: boolean
  revision: Revision
  cancelled: boolean
}

export async function explainFailure(error: unknown, { hadToken, revision, cancelled }: CallContext): Promise<Failure> {
  const sdk = await clientLibrary()
  if (cancelled) return { kind: 'cancelled', message: 'You cancelled the call.' }
  const status = error instanceof sdk.SdkHttpError ? statusOf(error) : undefined
  if (error instanceof sdk.UnauthorizedError || status === 401) {
    return {
      kind: 'unauthorized',
      hadToken,
      message: hadToken
        ? 'Your access has expired or was revoked. Allow access again to continue.'
        : 'This call needs access. Allow this page to act as you first.',
    }
  }
  if (error instanceof sdk.InsufficientScopeError) return insufficientScope(error)
  if (status === 404 && !isStateless(revision)) {
    return { kind: 'session-ended', message: 'The session has ended, so nothing was called. The next call opens a new session.' }
  }
  if (status === 429) return { kind: 'failed', message: 'Rate limit exceeded. Wait a minute and retry.' }
  if (error instanceof sdk.ProtocolError) return { kind: 'error-response', message: error.message, code: error.code, data: error.data }
  if (error instanceof sdk.SdkError && error.code === sdk.SdkErrorCode.RequestTimeout) {
    return { kind: 'failed', message: 'The call timed out.' }
  }
  if (error instanceof TypeError) return { kind: 'failed', message: 'The platform did not respond. Check your connection and retry.' }
  return {
    kind: 'failed',
    message: status === undefined ? 'The call failed.' : `The server responded with status ${status}.`,
    detail: messageOf(error),
  }
}

function insufficientScope({ requiredScope, errorDescription }: InsufficientScopeError): Failure {
  const scopes = requiredScope?.split(' ') ?? []
  return {
    kind: 'insufficient-scope',
    scopes,
    message: scopes.includes('mcp:write')
      ? 'This tool can write, but you allowed read-only access. Nothing was called.'
      : (errorDescription ?? 'Your access does not cover this call. Nothing was called.'),
  }
}

function statusOf(error: SdkHttpError): number {
  return error.status
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
