import type { ApprovedConsent, DeniedConsent } from '@cloudflare/workers-oauth-provider'
import { deviceUrl, serverUrls, type ServerUrls } from '../../../protocol/location.ts'
import type { ConsentForm } from '../../../protocol/oauth/consent-form.ts'
import { chosenRights, type Offer, type Rights } from '../../../protocol/oauth/consent-offer.ts'
import { sealDeviceGrant } from '../../../protocol/oauth/device-authorization.ts'
import { OAuthError } from '../../../protocol/oauth/errors.ts'
import { auditStatement } from '../../../store/audit.ts'
import type { Client } from '../../../store/clients/clients.ts'
import { decideStatement, stillWaiting } from '../../../store/grants/device-authorizations.ts'
import { resolveClient } from '../../clients/resolve-client.ts'
import { PageFault } from '../../pages/page-fault.ts'
import type { ServerRequest } from '../../request.ts'
import { closeGrantStreams } from '../../revocation.ts'
import { type WaitingDevice, type DeviceOutcome } from './device.ts'
import { openEngine, type Engine } from '../grants/engine.ts'
import { offerFor, parseSealedConsent, type SealedConsent } from './ask.ts'
import { consentPage } from './page.ts'
import type { SignedIn } from '../../people.ts'
import { errorUrl } from '../../../protocol/oauth/error-url.ts'
import { mustAdmit } from '../../clients/admission.ts'
import { asDeviceClient } from '../grants/device-client.ts'
import { redirect } from '../../responses.ts'

interface Opened {
  request: ServerRequest
  form: ConsentForm
  signedIn: SignedIn
  urls: ServerUrls
  engine: Engine
  transaction: ApprovedConsent | DeniedConsent
  question: SealedConsent
}

/**
 * A submitted consent page. Nothing is stored before {@link reply} commits the engine's unit of
 * work.
 */
export class PendingConsent {
  readonly #opened: Opened

  private constructor(opened: Opened) {
    this.#opened = opened
  }

  /**
   * Opens the transaction named by the form. Throws if the page was shown to another user or
   * sign-in.
   */
  static async open(request: ServerRequest, form: ConsentForm, signedIn: SignedIn): Promise<PendingConsent> {
    const { store, server } = request
    const urls = urlsOf(request, form)
    const engine = openEngine({ store, server, urls, now: new Date() })
    const api = engine.authorizationServer.getOAuthApi(engine.env)
    const transaction =
      form.decision === 'deny'
        ? await api.denyConsent(request, form.handle, { description: 'the user declined' })
        : await api.approveConsent(request, form.handle)
    const question = parseSealedConsent(transaction.request)
    if (question.userId !== signedIn.user.id || question.signInId !== signedIn.signInId) {
      throw new PageFault(
        403,
        'This request belongs to another sign-in',
        'It was opened by another user, or before you signed in again. Start again in the app.',
      )
    }
    return new PendingConsent({ request, form, signedIn, urls, engine, transaction, question })
  }

  /**
   * Stores the decision and redirects the browser. The buttons *Tick all* and *Tick none* show the
   * page again.
   */
  async reply(): Promise<Response> {
    const { request, form, engine, transaction, question } = this.#opened
    // no commit, so the transaction stays open
    if (form.decision === 'tick-all' || form.decision === 'tick-none') return this.#pageAgain(form.decision === 'tick-all')

    const redirectTo = 'redirectTo' in transaction ? transaction.redirectTo : await this.#approve()
    const location = question.device ? await this.#leaveToDevice(question.device, redirectTo) : redirectTo
    // stored before the browser follows the redirect
    closeGrantStreams(request, await engine.records.commit())
    const cookies = transaction.headers.getSetCookie().map((cookie): [string, string] => ['Set-Cookie', cookie])
    return redirect(303, location, cookies)
  }

  /** Shows the page again with all boxes ticked or unticked, because the page has no script. */
  async #pageAgain(ticked: boolean): Promise<Response> {
    const { request, form, signedIn, urls, question } = this.#opened
    const { server } = request
    const [client, offer] = await Promise.all([this.#findClient(), offerFor(request, question)])
    const changed: Offer = { ...offer, tools: offer.tools.map((tool) => ({ ...tool, ticked: tool.covered ? ticked : tool.ticked })) }
    const { redirectUri, device } = question
    return consentPage({ server, urls, client, user: signedIn.user, offer: changed, redirectUri, device, handle: form.handle })
  }

  /** Finds the client, unchanged since the consent page was shown. */
  async #findClient(): Promise<Client> {
    const { request, urls, question } = this.#opened
    const client = await resolveClient(request, urls, question.clientId)
    if (!client) throw new PageFault(400, 'Unknown app', 'The app is no longer registered. The app must register again.')
    if (client.documentHash !== question.documentHash) {
      throw new PageFault(400, 'This app has changed', 'The metadata of the app changed after this page was shown. Start again in the app.')
    }
    return client
  }

  /**
   * Creates the grant and returns the redirect to the client. If the user or the client may no
   * longer connect, the redirect has an error.
   */
  async #approve(): Promise<string> {
    const { request, form, signedIn, urls, engine, transaction, question } = this.#opened
    const client = await this.#findClient()
    try {
      await mustAdmit(request, client, signedIn.user.id)
    } catch (error) {
      if (error instanceof OAuthError) return errorUrl({ ...question, issuer: urls.issuer }, error)
      throw error
    }
    const rights = chosenRights(await offerFor(request, question), form.ticks)
    engine.records.introduce(question.device ? asDeviceClient(client, request.addresses) : client)
    const { redirectTo } = await engine.authorizationServer.getOAuthApi(engine.env).completeAuthorization({
      request: transaction.request,
      userId: signedIn.user.id,
      scope: rights.scopes,
      metadata: {
        clientName: client.name ?? '',
        tools: rights.tools,
        documentHash: client.documentHash ?? null,
        // browsers deliver a code at once; devices collect the code at their next poll
        ...(question.device ? { codeSeconds: Math.ceil((question.device.expiresAt - Date.now()) / 1000) } : {}),
      },
      props: {},
      // installations of an app share a client id, so a second laptop must not sign out the first
      revokeExistingGrants: false,
    })
    engine.records.join({ writes: [this.#auditStatement(rights, redirectTo)] })
    return redirectTo
  }

  /** Records the approval in the audit log of the tenant. */
  #auditStatement({ scopes, tools }: Rights, redirectTo: string) {
    const { request, question } = this.#opened
    const { store, server } = request
    const { userId, clientId } = question
    const [, grantId] = new URL(redirectTo).searchParams.get('code')?.split(':') ?? []
    return auditStatement(store, {
      ...server.key,
      actor: userId,
      action: 'grant.approved',
      detail: { grantId, clientId, scopes, tools: tools?.length ?? 'all' },
    })
  }

  /**
   * Stores the decision for the device. Only the first decision counts, and the browser is shown
   * the outcome.
   */
  async #leaveToDevice({ codeHash }: WaitingDevice, redirectTo: string): Promise<string> {
    const { request, urls, engine, question } = this.#opened
    const { store, server, env, addresses } = request
    const realm = { issuer: urls.issuer, tenantId: server.tenantId }
    const { searchParams } = new URL(redirectTo)
    const code = searchParams.get('code')
    const decision =
      code === null
        ? { state: 'denied' as const }
        : { state: 'approved' as const, userId: question.userId, sealedCode: await sealDeviceGrant(env.AUTH_SECRET, codeHash, code) }
    engine.records.join({
      guards: [stillWaiting(store, realm, codeHash, new Date())],
      writes: [decideStatement(store, realm, codeHash, decision)],
    })
    return `${deviceUrl(addresses)}?outcome=${outcomeOf(code, searchParams.get('error'))}`
  }
}

/** Returns the URLs of the server in the form used by the client. */
function urlsOf({ server, addresses }: ServerRequest, { form }: ConsentForm): ServerUrls {
  if (form === 'host' && !addresses.serverHost) throw new PageFault(400, 'The form is incomplete', 'Start again in the app.')
  return serverUrls(server, form, addresses)
}

function outcomeOf(code: string | null, error: string | null): DeviceOutcome {
  if (code !== null) return 'allowed'
  return error === 'access_denied' ? 'denied' : 'refused'
}
