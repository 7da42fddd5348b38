import { deviceUrl, type Addresses } from '../../../protocol/location.ts'
import type { Client } from '../../../store/clients/clients.ts'

/**
 * Returns the client as shown to the engine for a device authorization, which completes an ordinary
 * authorization request. The redirect URI is ours and receives nothing, and the response type is
 * always `code`.
 */
export function asDeviceClient(client: Client, addresses: Pick<Addresses, 'origin'>): Client {
  return {
    ...client,
    redirectUris: [deviceUrl(addresses)],
    responseTypes: ['code'],
    grantTypes: ['authorization_code', ...client.grantTypes.filter((type) => type === 'refresh_token')],
  }
}
