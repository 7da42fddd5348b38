import { deviceUrl } from '../../../protocol/location.ts'
import { knownScopes } from '../../../protocol/oauth/authorization-request.ts'
import {
  challengeOfVerifier,
  DEVICE_CODE_SECONDS,
  DEVICE_GRANT,
  deviceVerifier,
  hashUserCode,
  newUserCode,
  POLL_SECONDS,
  shownUserCode,
} from '../../../protocol/oauth/device-authorization.ts'
import { must } from '../../../protocol/oauth/errors.ts'
import { checkResource } from '../../../protocol/oauth/resource.ts'
import { grantableScopes } from '../../../protocol/oauth/scope.ts'
import { randomToken, sha256 } from '../../../protocol/random.ts'
import { addDeviceAuthorization } from '../../../store/grants/device-authorizations.ts'
import { callerNetwork } from '../../caller-network.ts'
import type { ClientRequest, Handler } from '../../request.ts'
import { json, noStore } from '../../responses.ts'
import { tooManyRequests } from '../../clients/guessing.ts'
import { mustAcceptRegistration } from '../../clients/admission.ts'
import { findChallenge } from '../../challenge.ts'

/**
 * Starts a device authorization (RFC 8628 §3.1). The request grants nothing and stores a row for
 * ten minutes.
 */
export const deviceAuthorization: Handler<ClientRequest> = async (request) => {
  const { store, server, urls, client, form, location, addresses, headers, env } = request
  must(client.grantTypes.includes(DEVICE_GRANT), 'unauthorized_client', `the client is not registered for ${DEVICE_GRANT}`)
  mustAcceptRegistration(request, client)
  checkResource(form.getAll('resource'), urls.resource)
  const asked = knownScopes(form.get('scope'))
  const address = headers.get('CF-Connecting-IP')
  const network = callerNetwork(headers)
  const { success } = await env.AUTH_RATE_LIMIT.limit({ key: JSON.stringify(['device', urls.issuer, network]) })
  if (!success) throw tooManyRequests('Too many device authorizations')

  const deviceCode = randomToken(32)
  const userCode = newUserCode()
  const now = new Date()
  const row = {
    issuer: urls.issuer,
    deviceCodeHash: await sha256(deviceCode),
    userCodeHash: await hashUserCode(env.AUTH_SECRET, userCode),
    ...server.key,
    form: location.form,
    clientId: client.clientId,
    documentHash: client.documentHash ?? null,
    scopes: grantableScopes(asked ?? (await findChallenge(request)).scopes, client),
    codeChallenge: await challengeOfVerifier(await deviceVerifier(deviceCode)),
    requestedFrom: address,
    network,
    interval: POLL_SECONDS,
    createdAt: now,
    expiresAt: new Date(now.getTime() + DEVICE_CODE_SECONDS * 1000),
  }
  if (!(await addDeviceAuthorization(store, row, now))) throw tooManyRequests('Too many devices of this network or server wait for a user')
  const shown = shownUserCode(userCode)
  return noStore(
    json({
      device_code: deviceCode,
      user_code: shown,
      verification_uri: deviceUrl(addresses),
      // the tenant selects the providers on the sign-in page, before the code is looked up
      verification_uri_complete: `${deviceUrl(addresses)}?user_code=${shown}&tenant=${server.tenant}`,
      expires_in: DEVICE_CODE_SECONDS,
      interval: POLL_SECONDS,
    }),
  )
}
