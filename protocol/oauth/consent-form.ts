import { z } from 'zod'
import type { Ticks } from './consent-offer.ts'

/** Values of `decision`. The last two change the checkboxes and show the page again. */
export const DECISIONS = ['approve', 'deny', 'tick-all', 'tick-none'] as const

const decisionForm = z.object({ handle: z.string().min(1).max(200), form: z.enum(['path', 'host', 'root']), decision: z.enum(DECISIONS) })

/**
 * Form of the consent page. Other fields are ignored, because the request itself comes from
 * storage.
 */
export interface ConsentForm extends z.infer<typeof decisionForm> {
  ticks: Ticks
}

/**
 * Returns the name of a tool's checkbox. The name is the position of the tool, so that a form can
 * select only tools that were shown.
 */
export function toolField(place: number): string {
  return `tool-${place}`
}

/** Name of the checkbox for `mcp:write`. */
export const WRITE_FIELD = 'write'

/** Parses the form. Throws a ZodError if a field is missing. */
export function parseConsentForm(form: URLSearchParams): ConsentForm {
  const places = [...form.keys()].flatMap((name) => /^tool-(0|[1-9]\d{0,5})$/.exec(name)?.[1] ?? [])
  return {
    ...decisionForm.parse(Object.fromEntries(form)),
    ticks: { tools: new Set(places.map(Number)), write: form.has(WRITE_FIELD) },
  }
}
