import type { InsufficientScopeError, SdkHttpError } from '@modelcontextprotocol/client'
import { clientLibrary } from './client-library.ts'
import { isStateless, type Revision } from './revisions.ts'

/** Why something did not work, in words, and what the person can do about it here. */
export type Failure = { message: string; detail?: string } & (
  | { kind: 'not-allowed'; hadToken: boolean }
  | { kind: 'needs-scope'; scopes: string[] }
  | { kind: 'cancelled' }
  | { kind: 'session-over' }
  | { kind: 'answered'; code: number; data: unknown }
  | { kind: 'failed' }
)

interface Circumstances {
  /** One was sent. */
  hadToken: boolean
  revision: Revision
  cancelled: boolean
}

export async function explainFailure(error: unknown, { hadToken, revision, cancelled }: Circumstances): Promise<Failure> {
  const sdk = await clientLibrary()
  if (cancelled) return { kind: 'cancelled', message: 'You cancelled the call.' }
  const status = error instanceof sdk.SdkHttpError ? statusOf(error) : undefined
  if (error instanceof sdk.UnauthorizedError || status === 401) {
    return {
      kind: 'not-allowed',
      hadToken,
      message: hadToken
        ? 'The access you gave has ended: its hour is over, or somebody ended it. Allow it again to go on.'
        : 'For this the page needs to use the server in your name, which you have not allowed yet.',
    }
  }
  if (error instanceof sdk.InsufficientScopeError) return needsScope(error)
  if (status === 404 && !isStateless(revision)) {
    return { kind: 'session-over', message: 'The session is over, so nothing was called. The next call opens a new one.' }
  }
  if (status === 429) return { kind: 'failed', message: 'That was too many requests in a minute. Wait a little, then try again.' }
  if (error instanceof sdk.ProtocolError) return { kind: 'answered', message: error.message, code: error.code, data: error.data }
  if (error instanceof sdk.SdkError && error.code === sdk.SdkErrorCode.RequestTimeout) {
    return { kind: 'failed', message: 'No answer came in time.' }
  }
  if (error instanceof TypeError) return { kind: 'failed', message: 'The platform did not answer. Check your connection, then try again.' }
  return { kind: 'failed', message: status === undefined ? 'The call failed.' : `The server answered ${status}.`, detail: messageOf(error) }
}

function needsScope({ requiredScope, errorDescription }: InsufficientScopeError): Failure {
  const scopes = requiredScope?.split(' ') ?? []
  return {
    kind: 'needs-scope',
    scopes,
    message: scopes.includes('mcp:write')
      ? 'This tool can change things, and the access you gave does not cover that. Nothing was called.'
      : (errorDescription ?? 'The access you gave does not cover this. Nothing was called.'),
  }
}

function statusOf(error: SdkHttpError): number {
  return error.status
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
