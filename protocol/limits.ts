/**
 * Limits of a hosted server, set by the tenant up to the platform's maximum. Calls are counted per
 * isolate.
 */
export interface Limits {
  /** Time limit of a request. */
  deadlineSeconds: number
  /** Limit of concurrent requests. Further requests get 503. */
  concurrentCalls: number
}

export const DEFAULT_LIMITS: Limits = { deadlineSeconds: 30, concurrentCalls: 64 }
export const MAX_LIMITS: Limits = { deadlineSeconds: 120, concurrentCalls: 64 }
