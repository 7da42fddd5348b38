import { z } from 'zod'

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
