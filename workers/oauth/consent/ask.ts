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
import { waitingDevice, type WaitingDevice } from './device.ts'
import { PageFault } from '../../pages/page-fault.ts'
import { openEngine } from '../grants/engine.ts'
import type { SignedIn } from '../../people.ts'

/** An authorization that waits for the user's decision. */
export interface ConsentRequest {
  client: Client
  /** URLs of the issuer used by the client, in the form (path or host) used by the client. */
  urls: ServerUrls
  /** Passed to the engine on approval. */
  authorization: AuthRequest
  scopes: Scope[]
  /**
   * Set if a device waits for the decision. The device polls for the code, because no browser
   * redirects to the device.
   */
  device?: WaitingDevice
}

/**
 * Fields added to the engine's transaction. They bind a decision to the user, the sign-in, the
 * request and the version of the tools shown.
 */
const sealedConsent = z.object({
  userId: z.string(),
  signInId: z.string(),
  clientId: z.string(),
  redirectUri: z.string(),
  state: z.string(),
  scope: z.array(z.enum(SCOPES)),
  documentHash: z.string().optional(),
  versionId: z.string().nullable(),
  device: waitingDevice.optional(),
})
export type SealedConsent = z.infer<typeof sealedConsent>

/** Parses the added fields of an opened transaction. */
export function parseSealedConsent(request: AuthRequest): SealedConsent {
  return sealedConsent.parse(request)
}

/** Shows the consent page, and starts a transaction bound to the browser. */
export async function askConsent(
  request: Pick<ServerRequest, 'store' | 'server' | 'env'>,
  { client, urls, authorization, scopes, device }: ConsentRequest,
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

/**
 * Returns the tools and scopes to choose from, with the rights the client already has from the
 * user.
 */
export async function offerFor(
  { store, server }: Pick<ServerRequest, 'store' | 'server'>,
  { clientId, userId, scope, versionId }: Pick<SealedConsent, 'clientId' | 'userId' | 'scope' | 'versionId'>,
): Promise<Offer> {
  const [surface, held] = await Promise.all([
    versionId === null ? undefined : findSurface(store, { tenantId: server.tenantId, versionId }),
    findHeldRights(store, server.key, { clientId, userId }, new Date()),
  ])
  if (versionId !== null && !surface) {
    throw new PageFault(400, 'This server has changed', 'The tools of the server changed after the page was shown. Start again in the app.')
  }
  return offerOf({ scopes: scope, tools: surface?.tools ?? [] }, held)
}
