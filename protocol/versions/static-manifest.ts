import { z } from 'zod'
import { STATIC_LIMITS } from './static-limits.ts'

const title = z.string().min(1).max(STATIC_LIMITS.title).optional()
const description = z.string().max(STATIC_LIMITS.description).optional()
const mimeType = z.string().min(1).max(200).optional()
const uri = z.string().min(1).max(STATIC_LIMITS.uri)
const name = z.string().min(1).max(STATIC_LIMITS.name)
const variable = z.string().regex(/^[A-Za-z_][\w-]{0,63}$/, 'must be a letter or _ followed by at most 63 letters, digits, _ or -')
/** Suggested values, offered by `completion/complete`. Other values are allowed too. */
const suggestions = z.array(z.string().max(STATIC_LIMITS.title)).max(STATIC_LIMITS.suggestions)

const promptSchema = z.strictObject({
  name,
  title,
  description,
  arguments: z
    .array(z.strictObject({ name: variable, title, description, required: z.boolean().default(false), values: suggestions.optional() }))
    .max(STATIC_LIMITS.arguments)
    .default([]),
  messages: z
    .array(
      z
        .strictObject({
          role: z.enum(['user', 'assistant']).default('user'),
          /** `{{name}}` is replaced by the argument of that name. */
          text: z.string().min(1).max(STATIC_LIMITS.messageText).optional(),
          /** URI of a resource of this manifest, embedded in place of a text. */
          resource: uri.optional(),
        })
        .refine(({ text, resource }) => (text === undefined) !== (resource === undefined), 'must have either text or resource'),
    )
    .min(1)
    .max(STATIC_LIMITS.messages),
})

const resourceSchema = z
  .strictObject({
    uri,
    name,
    title,
    description,
    mimeType,
    text: z.string().max(STATIC_LIMITS.resourceText).optional(),
    /** Bytes in Base64 (RFC 4648 §4). */
    blob: z.base64('must be Base64').max(STATIC_LIMITS.resourceText).optional(),
  })
  .refine(({ text, blob }) => (text === undefined) !== (blob === undefined), 'must have either text or blob')

const resourceTemplateSchema = z.strictObject({
  /** RFC 6570 level 1: `{name}` stands for one path segment or a part of a segment. */
  uriTemplate: uri,
  name,
  title,
  description,
  mimeType,
  /** `{{name}}` is replaced by the value of the variable. */
  text: z.string().max(STATIC_LIMITS.resourceText),
  /** Suggested values by variable. */
  values: z.record(variable, suggestions).optional(),
})

/** Prompts, documents and instructions as data. */
export const staticManifestSchema = z
  .strictObject({
    source: z.literal('static'),
    note: z.string().max(500).default(''),
    /** Name, title and version shown to clients. The default name is the hosted server's. */
    server: z.strictObject({ name: name.optional(), title, version: name.default('1.0.0') }).default({ version: '1.0.0' }),
    instructions: z.string().min(1).max(STATIC_LIMITS.instructions).optional(),
    prompts: z.array(promptSchema).max(STATIC_LIMITS.prompts).default([]),
    resources: z.array(resourceSchema).max(STATIC_LIMITS.resources).default([]),
    resourceTemplates: z.array(resourceTemplateSchema).max(STATIC_LIMITS.resourceTemplates).default([]),
    tools: z.never('must be left out, because a static version has no tools: use the source code').optional(),
  })
  .refine(
    (manifest) => JSON.stringify(manifest).length <= STATIC_LIMITS.manifest,
    `must have at most ${STATIC_LIMITS.manifest} characters of JSON`,
  )

export type StaticManifest = z.infer<typeof staticManifestSchema>
export type StaticPrompt = z.infer<typeof promptSchema>
export type StaticResource = z.infer<typeof resourceSchema>
export type StaticResourceTemplate = z.infer<typeof resourceTemplateSchema>
