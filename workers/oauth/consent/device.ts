import { z } from 'zod'

/** Facts about a device for the consent page, sealed in the transaction. */
export const waitingDevice = z.object({
  codeHash: z.string(),
  /** Typed by the user, shown to compare with the device. */
  userCode: z.string(),
  requestedFrom: z.string().nullable(),
  /** Milliseconds since the epoch. */
  requestedAt: z.number(),
  expiresAt: z.number(),
})
/** A device that waits for the user's decision (RFC 8628). */
export type WaitingDevice = z.infer<typeof waitingDevice>

/** Outcomes shown on the device page after a decision. */
export const DEVICE_OUTCOMES = ['allowed', 'denied', 'refused'] as const
export type DeviceOutcome = (typeof DEVICE_OUTCOMES)[number]
