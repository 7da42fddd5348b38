/** What a tenant lets its hosted server take. The platform's own bounds are the most of each; one isolate counts its calls for itself. */
export interface Limits {
  /** How long it may take over one request. */
  deadlineSeconds: number
  /** Requests it answers at once; another is told to come back (503). */
  concurrentCalls: number
}

export const DEFAULT_LIMITS: Limits = { deadlineSeconds: 30, concurrentCalls: 64 }
export const MAX_LIMITS: Limits = { deadlineSeconds: 120, concurrentCalls: 64 }
