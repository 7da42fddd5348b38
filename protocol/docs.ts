import { z } from 'zod'

/** Pages of the documentation, as built from docs/ by scripts/docs.ts. */
export const docsIndex = z.array(
  z.object({
    /** Path below docs/ without the ending, such as `clients` or `decisions/0001-…`. */
    name: z.string(),
    title: z.string(),
    /** Introduction, or the names of the sections, as plain text. */
    summary: z.string(),
    group: z.enum(['Use', 'Operate', 'Develop', 'Decisions']),
  }),
)

export type DocsPage = z.infer<typeof docsIndex>[number]
