/**
 * Limits of a hosted server, set by the tenant up to the platform's maximum. Calls are counted per
 * isolate.
 */
export interface Limits {
  /** Time limit of a request. Each progress notification starts the time again. */
  deadlineSeconds: number
  /** Time limit of a request with progress. Not less than the deadline. */
  totalSeconds: number
  /** Limit of concurrent requests. Further requests get 503. */
  concurrentCalls: number
}

export const DEFAULT_LIMITS: Limits = { deadlineSeconds: 30, totalSeconds: 300, concurrentCalls: 64 }
export const MAX_LIMITS: Limits = { deadlineSeconds: 120, totalSeconds: 900, concurrentCalls: 64 }

/** Limits in a row. Rows of earlier releases lack newer limits. */
export type StoredLimits = Pick<Limits, 'deadlineSeconds' | 'concurrentCalls'> & Partial<Limits>
/** Default of the column in the released schema. */
export const FIRST_LIMITS: StoredLimits = { deadlineSeconds: 30, concurrentCalls: 64 }
