import { AuthorizationError } from '@cloudflare/workers-oauth-provider'
import { z } from 'zod'
import { parseConsentForm, type ConsentForm } from '../../../protocol/oauth/consent-form.ts'
import { OAuthError } from '../../../protocol/oauth/errors.ts'
import { Conflict } from '../../../store/guard.ts'
import { readForm } from '../../clients/form.ts'
import { PageFault } from '../../pages/page-fault.ts'
import type { Handler, ServerRequest } from '../../request.ts'
import { PendingConsent } from './pending-consent.ts'
import { findSignedIn } from '../../people.ts'

/** Limit of the form in bytes, enough for the checkboxes of thousands of tools. */
const MAX_FORM = 64 * 1024

/**
 * Handles a submitted consent page. The handle of the transaction is used up in the batch that
 * stores the grant.
 */
export const consent: Handler<ServerRequest> = async (request) => {
  const form = await readConsentForm(request)
  const signedIn = await findSignedIn(request, request.server.tenantId)
  if (!signedIn) throw new PageFault(403, 'Your sign-in has ended', 'Start again in the app.')
  try {
    const pending = await PendingConsent.open(request, form, signedIn)
    return await pending.reply()
  } catch (error) {
    if (error instanceof AuthorizationError || error instanceof Conflict) {
      throw new PageFault(
        400,
        'This request is no longer open',
        'It was decided before, has expired, or was started in another browser. Start again in the app.',
      )
    }
    throw error
  }
}

async function readConsentForm(request: ServerRequest): Promise<ConsentForm> {
  try {
    return parseConsentForm(await readForm(request, MAX_FORM))
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof OAuthError)
      throw new PageFault(400, 'The form is incomplete', 'Start again in the app.')
    throw error
  }
}
