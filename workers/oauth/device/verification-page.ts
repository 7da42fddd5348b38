import type { AuthRequest } from '@cloudflare/workers-oauth-provider'
import { z } from 'zod'
import { deviceUrl, serverUrls } from '../../../protocol/location.ts'
import { hashUserCode, parseUserCode, shownUserCode } from '../../../protocol/oauth/device-authorization.ts'
import { OAuthError } from '../../../protocol/oauth/errors.ts'
import { findByUserCode } from '../../../store/grants/device-authorizations.ts'
import { findHostedServer } from '../../../store/servers/servers.ts'
import { html, page } from '../../pages/page.ts'
import type { AppRequest, Handler } from '../../request.ts'
import { askConsent } from '../consent/ask.ts'
import { DEVICE_OUTCOMES, type DeviceOutcome } from '../consent/device.ts'
import { PageFault } from '../../pages/page-fault.ts'
import { resolveClient } from '../../clients/resolve-client.ts'
import { callerNetwork } from '../../caller-network.ts'
import { type SignedIn, reachesTenant, findSignIn } from '../../people.ts'
import { mustAdmit } from '../../clients/admission.ts'
import { readPageForm } from '../../pages/form.ts'
import { seeOther } from '../../responses.ts'

/**
 * Shows the page for typing in the code of a device (RFC 8628 §3.3). A code in the URL is filled in
 * but not looked up, because the user must compare the code with the device. A tenant in the URL
 * offers the tenant's providers for sign-in.
 */
export const showDevice: Handler<AppRequest> = async (request) => {
  const { searchParams } = new URL(request.url)
  const outcome = z.enum(DEVICE_OUTCOMES).safeParse(searchParams.get('outcome'))
  if (outcome.success) return outcomePage(outcome.data)
  const asked = readAsked(Object.fromEntries(searchParams))
  const signedIn = await findSignIn(request)
  return signedIn ? codePage(signedIn, asked) : seeOther(signInPath(asked))
}

/**
 * Continues to the consent page of the code's hosted server. All wrong codes get the same message.
 */
export const enterUserCode: Handler<AppRequest> = async (request) => {
  const form = await readPageForm(request)
  const asked = readAsked(form)
  const signedIn = await findSignIn(request)
  if (!signedIn) return seeOther(signInPath(asked))
  const { store, addresses, headers, env, waitUntil } = request
  const { user, onlyTenant } = signedIn
  const limits = [
    ['user', user.id, onlyTenant ?? ''],
    ['address', callerNetwork(headers)],
  ].map((key) => env.USER_CODE_RATE_LIMIT.limit({ key: JSON.stringify(key) }))
  if ((await Promise.all(limits)).some(({ success }) => !success)) {
    throw new PageFault(429, 'Too many codes', 'Wait a minute, then type the code again.')
  }

  const wrong = () => codePage(signedIn, asked, true)
  const userCode = parseUserCode(form['user_code'] ?? '')
  const found = userCode && (await findByUserCode(store, await hashUserCode(env.AUTH_SECRET, userCode), new Date()))
  const server = found && (await findHostedServer(store, found))
  if (!server || !reachesTenant(signedIn, server.tenantId)) return wrong()
  const { authorization } = found
  const urls = serverUrls(server, authorization.form, addresses)
  const client = await resolveClient({ store, server, headers, addresses, env, waitUntil }, urls, authorization.clientId)
  if (!client || (client.documentHash ?? null) !== authorization.documentHash) return wrong()
  try {
    await mustAdmit({ store, server, addresses }, client, signedIn.user.id)
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    if (error.code === 'access_denied') return wrong()
    throw new PageFault(403, 'This app cannot connect', `${error.message}.`)
  }
  const authorizationRequest: AuthRequest = {
    responseType: 'code',
    clientId: client.clientId,
    redirectUri: deviceUrl(addresses),
    scope: authorization.scopes,
    state: '',
    codeChallenge: authorization.codeChallenge,
    codeChallengeMethod: 'S256',
    resource: urls.resource,
    issuer: urls.issuer,
  }
  const device = {
    codeHash: authorization.deviceCodeHash,
    userCode: shownUserCode(userCode),
    requestedFrom: authorization.requestedFrom,
    requestedAt: authorization.createdAt.getTime(),
    expiresAt: authorization.expiresAt.getTime(),
  }
  return askConsent(
    { store, server, env },
    { client, urls, authorization: authorizationRequest, scopes: authorization.scopes, device },
    signedIn,
  )
}

/** Unverified values from the URL or the form. */
interface Asked {
  userCode: string
  tenant: string
}

function readAsked({ user_code: userCode = '', tenant = '' }: Record<string, string>): Asked {
  return { userCode: userCode.slice(0, 20), tenant: tenant.slice(0, 30) }
}

/** Returns the path of the sign-in page, which leads back here. */
function signInPath({ userCode, tenant }: Asked): string {
  const ofTenant: [string, string][] = tenant ? [['tenant', tenant]] : []
  const kept = new URLSearchParams([...(userCode ? [['user_code', userCode]] : []), ...ofTenant])
  return `/auth/sign-in?${new URLSearchParams([...ofTenant, ['continue', kept.size > 0 ? `/device?${kept}` : '/device']])}`
}

function codePage({ user, onlyTenant }: SignedIn, asked: Asked, fault = false): Response {
  const { userCode, tenant } = asked
  return page({
    title: 'Connect a device',
    status: fault ? 400 : 200,
    body: html`
      <h1>Connect a device</h1>
      <p>Type the code of eight letters that the app on your device shows. The next page names the app and the permissions it requests.</p>
      ${fault ? html`<p class="error" role="alert" id="fault">${WRONG}</p>` : ''}
      <form method="post" action="/device">
        ${tenant ? html`<input type="hidden" name="tenant" value="${tenant}" />` : ''}
        <label>
          Code on your device

          <input
            name="user_code"
            class="user-code"
            value="${userCode}"
            maxlength="20"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck="false"
            required
            autofocus
            ${fault ? html`aria-invalid="true" aria-describedby="fault"` : ''}
          />
        </label>
        <button type="submit">Continue</button>
      </form>
      <p class="soft">
        Signed in as
        ${user.email}${
          onlyTenant === undefined
            ? ''
            : html`, signed in through a provider of a tenant. The code must be for a server of the same tenant, or
                <a href="${signInPath(asked)}">sign in another way</a>`
        }.
      </p>
      <p class="soft">Wharf never sends you a code. Type a code only if your own device shows it.</p>
    `,
  })
}

const WRONG =
  'This code is not valid. Codes work once and expire after ten minutes. Check the code, or start again on the device for a new code. The code may also be for a server that you cannot use.'

const OUTCOMES: Record<DeviceOutcome, { title: string; text: string }> = {
  allowed: { title: 'Allowed', text: 'Return to your device, which continues within a few seconds. You can close this page.' },
  denied: { title: 'Denied', text: 'The device gets no access. You can close this page.' },
  refused: { title: 'No access', text: 'You or this app can no longer use the server, so the device gets no access.' },
}

function outcomePage(outcome: DeviceOutcome): Response {
  const { title, text } = OUTCOMES[outcome]
  return page({
    title,
    body: html`<h1>${title}</h1>
      <p>${text}</p>`,
  })
}
