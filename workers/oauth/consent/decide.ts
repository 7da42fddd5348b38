import { AuthorizationError, type AuthRequest } from '@cloudflare/workers-oauth-provider'
import { z } from 'zod'
import { deviceUrl, serverUrls, type ServerUrls } from '../../../protocol/location.ts'
import { parseConsentForm, type ConsentForm } from '../../../protocol/oauth/consent-form.ts'
import { chosenRights, type Offer, type Rights } from '../../../protocol/oauth/consent-offer.ts'
import { sealDeviceGrant } from '../../../protocol/oauth/device-authorization.ts'
import { OAuthError } from '../../../protocol/oauth/errors.ts'
import { auditStatement } from '../../../store/audit.ts'
import type { Client } from '../../../store/clients/clients.ts'
import { decideStatement, stillWaiting } from '../../../store/grants/device-authorizations.ts'
import { Conflict } from '../../../store/guard.ts'
import { findSignedIn, type SignedIn } from '../../gates/user.ts'
import type { Handler, ServerRequest } from '../../request.ts'
import { offerFor, parseSealedQuestion, type SealedQuestion } from './ask.ts'
import { checkAccess, errorUrl, redirect } from '../authorize.ts'
import { consentPage } from './page.ts'
import { asDeviceClient, type AskingDevice, type DeviceOutcome } from '../device/client.ts'
import { closeGrantStreams } from '../../revocation.ts'
import { orFaultPage, PageFault } from '../../pages/page-fault.ts'
import { readForm } from '../../clients/form.ts'
import { openEngine, type Engine } from '../provider.ts'
import { resolveClient } from '../../clients/resolve-client.ts'

/** A box for each of some thousand tools. */
const MAX_FORM = 64 * 1024

/** The user's decision, behind the gate that keeps other sites' forms out. The handle is used up in the same batch that stores the grant. */
export const consent: Handler<ServerRequest> = (request) =>
  orFaultPage(async () => {
    const form = await readConsentForm(request)
    const signedIn = await findSignedIn(request, request.server.tenantId)
    if (!signedIn) throw new PageFault(403, 'You are not signed in any more', 'Start again in the app.')
    try {
      return await decide(request, form, signedIn)
    } catch (error) {
      if (error instanceof AuthorizationError || error instanceof Conflict) {
        throw new PageFault(
          400,
          'This was used already',
          'The request was answered before, has expired, or was started in another browser. Start again in the app.',
        )
      }
      throw error
    }
  })

async function readConsentForm(request: ServerRequest): Promise<ConsentForm> {
  try {
    return parseConsentForm(await readForm(request, MAX_FORM))
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof OAuthError)
      throw new PageFault(400, 'This form is not complete', 'Start again in the app.')
    throw error
  }
}

async function decide(request: ServerRequest, form: ConsentForm, signedIn: SignedIn): Promise<Response> {
  const { store, server } = request
  const { handle, decision } = form
  const urls = urlsOf(request, form)

  const engine = openEngine({ store, server, urls, now: new Date() })
  const api = engine.authorizationServer.getOAuthApi(engine.env)
  const denied = decision === 'deny' ? await api.denyConsent(request, handle, { description: 'the user declined' }) : undefined
  const answered = denied ?? (await api.approveConsent(request, handle))
  const question = parseSealedQuestion(answered.request)
  if (question.userId !== signedIn.user.id || question.signInId !== signedIn.signInId) {
    throw new PageFault(
      403,
      'This request is somebody else’s',
      'It was opened by another user, or before you signed in again. Start again in the app.',
    )
  }
  // nothing of it is committed: the question stays open
  if (decision === 'tick-all' || decision === 'tick-none') return showAgain(request, form, question, signedIn, urls)

  const decided = denied?.redirectTo ?? (await approve(request, form, engine, answered.request, question, signedIn, urls))
  const location = question.device ? await tellDevice(request, engine, question.device, question, decided, urls) : decided

  // stored before the browser moves on
  closeGrantStreams(request, await engine.records.commit())
  const cookies = answered.headers.getSetCookie().map((cookie): [string, string] => ['Set-Cookie', cookie])
  return redirect(303, location, cookies)
}

/** Leaves the decision where the device will ask for it; the first one counts, and the browser learns which it was. */
async function tellDevice(
  { env, store, server, addresses }: ServerRequest,
  { records }: Engine,
  { codeHash }: AskingDevice,
  { userId }: SealedQuestion,
  decided: string,
  { issuer }: ServerUrls,
): Promise<string> {
  const realm = { issuer, tenantId: server.tenantId }
  const { searchParams } = new URL(decided)
  const code = searchParams.get('code')
  const decision =
    code === null
      ? { state: 'denied' as const }
      : { state: 'approved' as const, userId, sealedCode: await sealDeviceGrant(env.AUTH_SECRET, codeHash, code) }
  records.join({
    guards: [stillWaiting(store, realm, codeHash, new Date())],
    writes: [decideStatement(store, realm, codeHash, decision)],
  })
  return `${deviceUrl(addresses)}?outcome=${outcomeOf(code, searchParams.get('error'))}`
}

function outcomeOf(code: string | null, error: string | null): DeviceOutcome {
  if (code !== null) return 'allowed'
  return error === 'access_denied' ? 'denied' : 'refused'
}

/** Of the form of the hosted server that the question was asked for. */
function urlsOf({ server, addresses }: ServerRequest, { form }: ConsentForm): ServerUrls {
  if (form === 'host' && !addresses.serverHost) throw new PageFault(400, 'This form is not complete', 'Start again in the app.')
  return serverUrls(server, form, addresses)
}

/** The same page with all boxes ticked, or none: what a page without script cannot do by itself. */
async function showAgain(
  request: ServerRequest,
  { handle, decision }: ConsentForm,
  question: SealedQuestion,
  { user }: SignedIn,
  urls: ServerUrls,
): Promise<Response> {
  const { server } = request
  const [client, offer] = await Promise.all([findAsker(request, urls, question), offerFor(request, question)])
  const ticked = decision === 'tick-all'
  const changed: Offer = { ...offer, tools: offer.tools.map((tool) => ({ ...tool, ticked: tool.covered ? ticked : tool.ticked })) }
  return consentPage({ server, urls, client, user, offer: changed, redirectUri: question.redirectUri, device: question.device, handle })
}

/** The client as it was shown. */
async function findAsker(request: ServerRequest, urls: ServerUrls, { clientId, documentHash }: SealedQuestion): Promise<Client> {
  const client = await resolveClient(request, urls, clientId)
  if (!client) throw new PageFault(400, 'This app is not known here any more', 'The app has to register again.')
  if (client.documentHash !== documentHash) {
    throw new PageFault(400, 'This app has changed', 'What it says of itself is not what you were shown any more. Start again in the app.')
  }
  return client
}

/** Where the browser goes with the code; or, where this user or client has been shut out since the page was shown, with the error. */
async function approve(
  request: ServerRequest,
  { ticks }: ConsentForm,
  engine: Engine,
  approved: AuthRequest,
  question: SealedQuestion,
  signedIn: SignedIn,
  urls: ServerUrls,
): Promise<string> {
  const client = await findAsker(request, urls, question)
  try {
    await checkAccess(request, client, signedIn)
  } catch (error) {
    if (error instanceof OAuthError) return errorUrl({ ...question, issuer: urls.issuer }, error)
    throw error
  }
  const rights = chosenRights(await offerFor(request, question), ticks)
  engine.records.introduce(question.device ? asDeviceClient(client, request.addresses) : client)
  const { redirectTo } = await engine.authorizationServer.getOAuthApi(engine.env).completeAuthorization({
    request: approved,
    userId: signedIn.user.id,
    scope: rights.scopes,
    metadata: {
      clientName: client.name ?? '',
      tools: rights.tools,
      documentHash: client.documentHash ?? null,
      // a browser carries a code at once; a device may be between two polls, and nobody sees the code on its way
      ...(question.device ? { codeSeconds: Math.ceil((question.device.expiresAt - Date.now()) / 1000) } : {}),
    },
    props: {},
    revokeExistingGrants: false, // every installation of an app shares its client id, and two laptops must not sign each other out
  })
  engine.records.join({ writes: [approval(request, rights, question, redirectTo)] })
  return redirectTo
}

/** For whoever looks after the hosted server. */
function approval({ store, server }: ServerRequest, { scopes, tools }: Rights, { userId, clientId }: SealedQuestion, redirectTo: string) {
  const [, grantId] = new URL(redirectTo).searchParams.get('code')?.split(':') ?? []
  return auditStatement(store, {
    ...server.key,
    actor: userId,
    action: 'grant.approved',
    detail: { grantId, clientId, scopes, tools: tools?.length ?? 'all' },
  })
}
