import type { Subscriber } from '../../durable-objects/subscription-hub.ts'
import { principalKey } from '../../protocol/principal.ts'
import type { BearerRequest } from '../request.ts'
import { callerNetwork } from '../caller-network.ts'

/** Returns the key by which the hub counts a caller. Anonymous callers count by network. */
export function subscriberOf({ principal, headers }: Pick<BearerRequest, 'principal' | 'headers'>): Subscriber {
  return principal.kind === 'granted'
    ? { principalKey: principalKey(principal), grantId: principal.grantId, expiresAt: principal.expiresAt }
    : {
        principalKey: `${principalKey(principal)} ${callerNetwork(headers)}`,
        grantId: undefined,
        expiresAt: undefined,
      }
}
