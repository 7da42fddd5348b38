import type { AuthRequest } from '@cloudflare/workers-oauth-provider'
import { z } from 'zod'
import type { ServerUrls } from '../../../protocol/location.ts'
import { offerOf, type Offer } from '../../../protocol/oauth/consent-offer.ts'
import { SCOPES, type Scope } from '../../../protocol/oauth/scope.ts'
import type { Client } from '../../../store/clients/clients.ts'
import { findHeldRights } from '../../../store/grants/grants.ts'
import { findSurface } from '../../../store/servers/versions.ts'
import type { ServerRequest } from '../../request.ts'
import { consentPage } from './page.ts'
import { askingDevice, type AskingDevice } from './device.ts'
import { PageFault } from '../../pages/page-fault.ts'
import { openEngine } from '../grants/engine.ts'
import type { SignedIn } from '../../people.ts'

/** An authorization that waits for its user's word, however it came about. */
export interface Question {
  client: Client
  /** Of the form and issuer the client uses this hosted server by. */
  urls: ServerUrls
  /** As the engine takes it at the end. */
  authorization: AuthRequest
  scopes: Scope[]
  /** Where no browser will carry a code to the client. */
  device?: AskingDevice
}

/**
 * What goes into the engine's transaction beside its own: an answer is to exactly this, by this user in this sign-in, about the tools of the version that
 * was shown.
 */
const sealedQuestion = z.object({
  userId: z.string(),
  signInId: z.string(),
  clientId: z.string(),
  redirectUri: z.string(),
  state: z.string(),
  scope: z.array(z.enum(SCOPES)),
  documentHash: z.string().optional(),
  versionId: z.string().nullable(),
  device: askingDevice.optional(),
})
export type SealedQuestion = z.infer<typeof sealedQuestion>

/** From a transaction the engine has opened. */
export function parseSealedQuestion(request: AuthRequest): SealedQuestion {
  return sealedQuestion.parse(request)
}

/** Puts the question to the user who is signed in: a page, and a transaction that only this browser can answer. */
export async function askConsent(
  request: Pick<ServerRequest, 'store' | 'server' | 'env'>,
  { client, urls, authorization, scopes, device }: Question,
  { user, signInId, onlyTenant }: SignedIn,
): Promise<Response> {
  const { store, server, env } = request
  const { success } = await env.AUTH_RATE_LIMIT.limit({ key: JSON.stringify(['authorize', user.id, onlyTenant ?? '']) })
  if (!success) throw new PageFault(429, 'Too many requests', 'Wait a minute, then start again in the app.')

  const bound = {
    ...authorization,
    scope: scopes,
    userId: user.id,
    signInId,
    documentHash: client.documentHash,
    versionId: server.active?.id ?? null,
    device,
  }
  const offer = await offerFor(request, bound)
  const engine = openEngine({ store, server, urls, client, now: new Date() })
  const { handle, headers } = await engine.authorizationServer.getOAuthApi(engine.env).beginConsent(bound)
  await engine.records.commit()
  const response = consentPage({ server, urls, client, user, offer, redirectUri: authorization.redirectUri, device, handle })
  for (const cookie of headers.getSetCookie()) response.headers.append('Set-Cookie', cookie)
  return response
}

/** What the question comes to: the tools of the version that was shown, beside what this user lets this client do already. */
export async function offerFor(
  { store, server }: Pick<ServerRequest, 'store' | 'server'>,
  { clientId, userId, scope, versionId }: Pick<SealedQuestion, 'clientId' | 'userId' | 'scope' | 'versionId'>,
): Promise<Offer> {
  const [surface, held] = await Promise.all([
    versionId === null ? undefined : findSurface(store, { tenantId: server.tenantId, versionId }),
    findHeldRights(store, server.key, { clientId, userId }, new Date()),
  ])
  if (versionId !== null && !surface) {
    throw new PageFault(400, 'This server has changed', 'Its tools are not the ones you were shown any more. Start again in the app.')
  }
  return offerOf({ scopes: scope, tools: surface?.tools ?? [] }, held)
}
