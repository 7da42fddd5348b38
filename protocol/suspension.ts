/** A tenant stopped by the operator. */
export interface Suspension {
  since: Date
  /** Reason given by the operator, for members and clients. */
  why: string
}

/** Returns the sentence that members and clients read. */
export function suspensionText(tenant: string, { why }: Pick<Suspension, 'why'>): string {
  return `The tenant ${tenant} is suspended by the operator of this platform: ${why.replace(/[.!?\s]*$/, '')}.`
}

/** Thrown for a hosted server of a suspended tenant. The message is for clients and people. */
export class TenantSuspended extends Error {}
