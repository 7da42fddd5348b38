import { ErrorCode, McpError } from '../../protocol/mcp/errors.ts'
import { principalKey } from '../../protocol/principal.ts'
import type { Caller } from '../sources/source.ts'
import type { HostedServer } from '../../store/servers/servers.ts'

/** Grace period after the deadline. Afterwards an unfinished call stops counting. */
const GRACE_MS = 5_000

/** Part of the places that a single caller leaves to other callers. */
const FOR_OTHERS = 1 / 4

/** Counts one running call. */
export interface Slot {
  /** Key of the caller. */
  caller: string
  /** Milliseconds since the epoch; afterwards the slot is free again. */
  expiresAt: number
}

/** Slots of running calls in this isolate, by hosted server id. */
const slots = new Map<string, Set<Slot>>()

/**
 * Takes a slot for a call. Throws a 503 if the hosted server runs as many calls as its limit
 * allows, or the caller has three quarters of the slots.
 */
export function takeSlot({ server: { id, tenant, server, limits }, principal, network = '' }: Caller, now: number): Slot {
  const taken = slots.get(id) ?? new Set()
  for (const slot of taken) {
    if (slot.expiresAt <= now) taken.delete(slot)
  }
  if (taken.size >= limits.concurrentCalls) {
    throw full(`${tenant}/${server} already runs ${limits.concurrentCalls} requests, which is the limit. Try again shortly.`)
  }
  const caller = principal.kind === 'granted' ? principalKey(principal) : `anonymous ${network}`
  const share = limits.concurrentCalls - Math.floor(limits.concurrentCalls * FOR_OTHERS)
  if ([...taken].filter((slot) => slot.caller === caller).length >= share) {
    const all = `${limits.concurrentCalls} requests that ${tenant}/${server} runs at once`
    throw full(`${share} of the ${all} are yours, which is the limit for one caller. Try again shortly.`)
  }
  const slot = { caller, expiresAt: now + limits.deadlineSeconds * 1000 + GRACE_MS }
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

function full(message: string): McpError {
  return new McpError(503, ErrorCode.internalError, message, { headers: { 'Retry-After': '1' } })
}
