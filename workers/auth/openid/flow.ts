import { z } from 'zod'
import type { CookiePurpose } from '../sealed-cookie.ts'

/** A started sign-in, kept in a cookie for ten minutes. Nothing is stored before the callback. */
export const FLOW = {
  name: 'openid',
  seconds: 600,
  contents: z.object({
    provider: z.string(),
    state: z.string(),
    nonce: z.string(),
    codeVerifier: z.string(),
    /** Path to continue at after sign-in. */
    next: z.string(),
  }),
} satisfies CookiePurpose<Record<string, unknown>>

export type Flow = z.infer<typeof FLOW.contents>

/** Returns the key of the cookie, because a browser may have several sign-ins at once. */
export function flowKey(state: string): string {
  return state.slice(0, 12)
}

/** A person named by a provider without a link to an account, kept until the person signs in. */
export const UNLINKED = {
  name: 'openid-link',
  seconds: 600,
  contents: z.object({
    key: z.string(),
    provider: z.string(),
    /** Issuer at the time of sign-in. Subjects of a changed issuer name different people. */
    issuer: z.string(),
    subject: z.string(),
    /** Shown to the person, to recognize the account at the provider. */
    email: z.string().optional(),
    /** True if the provider vouches for the address. */
    isTheirAddress: z.boolean(),
    next: z.string(),
  }),
} satisfies CookiePurpose<Record<string, unknown>>

export type Unlinked = z.infer<typeof UNLINKED.contents>
