import { deviceUrl, type Addresses } from '../../../protocol/location.ts'
import type { Client } from '../../../store/clients/clients.ts'

/**
 * A client as the engine sees it in a device authorization, which completes an ordinary one: with a redirect URI of ours that nothing is ever sent to, whatever
 * of its own it has, and with a code whether it could ask for one by itself or not.
 */
export function asDeviceClient(client: Client, addresses: Pick<Addresses, 'origin'>): Client {
  return {
    ...client,
    redirectUris: [deviceUrl(addresses)],
    responseTypes: ['code'],
    grantTypes: ['authorization_code', ...client.grantTypes.filter((type) => type === 'refresh_token')],
  }
}
