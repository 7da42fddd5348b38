import { z } from 'zod'
import type { CookiePurpose } from '../sealed-cookie.ts'

/** A sign-in that was begun: it ends in this browser, once, within ten minutes. Nothing of it is stored with us before it comes back. */
export const FLOW = {
  name: 'openid',
  seconds: 600,
  contents: z.object({
    provider: z.string(),
    state: z.string(),
    nonce: z.string(),
    codeVerifier: z.string(),
    /** Where the person was going. */
    next: z.string(),
  }),
} satisfies CookiePurpose<Record<string, unknown>>

export type Flow = z.infer<typeof FLOW.contents>

/** Which of a browser's sign-ins an answer belongs to. */
export function flowKey(state: string): string {
  return state.slice(0, 12)
}

/** Whom a provider named and nobody here is linked with: until the person themselves says who they are. */
export const UNLINKED = {
  name: 'openid-link',
  seconds: 600,
  contents: z.object({
    key: z.string(),
    provider: z.string(),
    /** The provider's issuer then: another one in its place means other people. */
    issuer: z.string(),
    subject: z.string(),
    /** For people to know the subject by. */
    email: z.string().optional(),
    /** The provider vouches for it. */
    isTheirAddress: z.boolean(),
    next: z.string(),
  }),
} satisfies CookiePurpose<Record<string, unknown>>

export type Unlinked = z.infer<typeof UNLINKED.contents>
