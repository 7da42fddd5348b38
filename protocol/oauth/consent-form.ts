import { z } from 'zod'
import type { Ticks } from './consent-offer.ts'

/** What `decision` may be: the last two change the boxes and show the page again. */
export const DECISIONS = ['approve', 'deny', 'tick-all', 'tick-none'] as const

const decisionForm = z.object({ handle: z.string().min(1).max(200), form: z.enum(['path', 'host', 'root']), decision: z.enum(DECISIONS) })

/** The consent page's form. What else is sent with it is not looked at: the request is the one that was shown, from storage. */
export interface ConsentForm extends z.infer<typeof decisionForm> {
  ticks: Ticks
}

/** The name of a tool's box: by its place among the tools shown, so that a form can name no other. */
export function toolField(place: number): string {
  return `tool-${place}`
}

/** The name of the box for `mcp:write`. */
export const WRITE_FIELD = 'write'

/** Throws a ZodError for a form that is not whole. */
export function parseConsentForm(form: URLSearchParams): ConsentForm {
  const places = [...form.keys()].flatMap((name) => /^tool-(0|[1-9]\d{0,5})$/.exec(name)?.[1] ?? [])
  return {
    ...decisionForm.parse(Object.fromEntries(form)),
    ticks: { tools: new Set(places.map(Number)), write: form.has(WRITE_FIELD) },
  }
}
