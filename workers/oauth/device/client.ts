import { z } from 'zod'
import { deviceUrl, type Addresses } from '../../../protocol/location.ts'
import type { Client } from '../../../store/clients/clients.ts'

/** What the consent page tells of a device, sealed with the question. */
export const askingDevice = z.object({
  codeHash: z.string(),
  /** As its user typed it, to compare it with what their device shows. */
  userCode: z.string(),
  requestedFrom: z.string().nullable(),
  /** Milliseconds since the epoch. */
  requestedAt: z.number(),
  expiresAt: z.number(),
})
/** A device that waits for its user's word (RFC 8628). */
export type AskingDevice = z.infer<typeof askingDevice>

/** What the device page says once somebody has decided. */
export const DEVICE_OUTCOMES = ['allowed', 'denied', 'refused'] as const
export type DeviceOutcome = (typeof DEVICE_OUTCOMES)[number]

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
