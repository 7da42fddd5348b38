import { ErrorCode, McpError } from '../../protocol/mcp/errors.ts'
import type { HostedServer } from '../../store/servers/servers.ts'

/** Grace period after the deadline. Afterwards an unfinished call stops counting. */
const GRACE_MS = 5_000

/** Counts one running call. */
export interface Slot {
  /** Milliseconds since the epoch; afterwards the slot is free again. */
  expiresAt: number
}

/** Slots of running calls in this isolate, by hosted server id. */
const slots = new Map<string, Set<Slot>>()

/**
 * Takes a slot for a call. Throws a 503 if the hosted server runs as many calls as its limit
 * allows.
 */
export function takeSlot({ id, tenant, server, limits }: HostedServer, now: number): Slot {
  const taken = slots.get(id) ?? new Set()
  for (const slot of taken) {
    if (slot.expiresAt <= now) taken.delete(slot)
  }
  if (taken.size >= limits.concurrentCalls) {
    const message = `${tenant}/${server} already runs ${limits.concurrentCalls} requests, which is the limit. Try again shortly.`
    throw new McpError(503, ErrorCode.internalError, message, { headers: { 'Retry-After': '1' } })
  }
  const slot = { expiresAt: now + limits.deadlineSeconds * 1000 + GRACE_MS }
  slots.set(id, taken.add(slot))
  return slot
}

/** Keeps the slot of a call with a later deadline. */
export function holdSlot(slot: Slot, deadline: number): void {
  slot.expiresAt = deadline + GRACE_MS
}

export function releaseSlot({ id }: HostedServer, slot: Slot): void {
  const taken = slots.get(id)
  taken?.delete(slot)
  if (taken?.size === 0) slots.delete(id)
}
