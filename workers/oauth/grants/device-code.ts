import { deviceVerifier, openDeviceGrant } from '../../../protocol/oauth/device-authorization.ts'
import { must, OAuthError } from '../../../protocol/oauth/errors.ts'
import type { TokenRequest } from '../../../protocol/oauth/token-request.ts'
import { sha256 } from '../../../protocol/random.ts'
import { pollDeviceAuthorization, takeStatements } from '../../../store/grants/device-authorizations.ts'
import type { ClientRequest } from '../../request.ts'
import { exchangeByEngine } from './engine-exchange.ts'
import { asDeviceClient } from './device-client.ts'
import { mustStillAdmit } from '../../clients/admission.ts'

type DeviceCodeRequest = TokenRequest<'urn:ietf:params:oauth:grant-type:device_code'>

/**
 * Replies to a poll of a device (RFC 8628 §3.4). After approval, exchanges the sealed code and
 * deletes the device code in the same batch. If polls race, only the first gets tokens.
 */
export async function deviceCode(request: ClientRequest, message: DeviceCodeRequest): Promise<Response> {
  const { store, server, urls, client, addresses, env, waitUntil } = request
  const realm = { issuer: urls.issuer, tenantId: server.tenantId }
  const deviceCodeHash = await sha256(message.device_code)
  const now = new Date()
  const polled = await pollDeviceAuthorization(store, realm, { clientId: client.clientId, deviceCodeHash }, now)
  must(polled, 'invalid_grant', 'the device code is not valid or was already used')
  const { state, expiresAt, sealedCode, userId } = polled.authorization
  must(now < expiresAt, 'expired_token', 'the device code has expired; start again')
  if (state === 'denied') throw new OAuthError('access_denied', 'the user declined', { status: 400 })
  if (state === 'waiting') {
    throw polled.tooSoon
      ? new OAuthError('slow_down', 'polling is too fast; add 5 seconds to the interval')
      : new OAuthError('authorization_pending', 'the user has not decided yet')
  }
  must(sealedCode !== null && userId !== null, 'invalid_grant', 'the device code is not valid or was already used')
  await mustStillAdmit(request, userId)
  return exchangeByEngine(
    { store, server, urls, env, waitUntil, client: asDeviceClient(client, addresses) },
    {
      grant_type: 'authorization_code',
      code: await openDeviceGrant(env.AUTH_SECRET, deviceCodeHash, sealedCode),
      code_verifier: await deviceVerifier(message.device_code),
      resource: [],
    },
    takeStatements(store, realm, deviceCodeHash),
  )
}
