import type { ManifestBody, UploadBody } from '../../../../protocol/api.ts'

export type ContentManifest = Extract<ManifestBody['manifest'], { source: 'static' }>
type ContentUpload = UploadBody & { manifest: { source: 'static' } }

/** Prompts and documents as the editor shows them. Empty text stands for an absent field. */
export interface ContentForm {
  /** Name, title and version shown to clients. */
  server: { name: string; title: string; version: string }
  instructions: string
  prompts: readonly PromptForm[]
  documents: readonly DocumentForm[]
  /** Kept unchanged, because the editor has no form for templates. */
  resourceTemplates: ContentManifest['resourceTemplates']
}

interface Entry {
  /** Identifies the entry in the page. */
  id: string
  name: string
  title: string
  description: string
}

export interface PromptForm extends Entry {
  arguments: readonly ArgumentForm[]
  messages: readonly MessageForm[]
}

export interface ArgumentForm extends Entry {
  required: boolean
  /** Suggested values, one per line. */
  values: string
}

export interface MessageForm {
  id: string
  role: 'user' | 'assistant'
  text: string
  /** Id of a document embedded in place of the text. Undefined for a text. */
  document: string | undefined
}

export interface DocumentForm extends Entry {
  uri: string
  mimeType: string
  text: string
  /** Bytes in Base64 in place of the text. */
  blob: string | undefined
}

const newId = (): string => crypto.randomUUID()
const entry = (): Entry => ({ id: newId(), name: '', title: '', description: '' })

export const newArgument = (): ArgumentForm => ({ ...entry(), required: true, values: '' })
export const newMessage = (): MessageForm => ({ id: newId(), role: 'user', text: '', document: undefined })
export const newPrompt = (): PromptForm => ({ ...entry(), arguments: [], messages: [newMessage()] })
export const newDocument = (): DocumentForm => ({ ...entry(), uri: '', mimeType: 'text/markdown', text: '', blob: undefined })

export function emptyForm(): ContentForm {
  return { server: { name: '', title: '', version: '1.0.0' }, instructions: '', prompts: [], documents: [], resourceTemplates: [] }
}

export function toForm({ server, instructions, prompts, resources, resourceTemplates }: ContentManifest): ContentForm {
  const documents = resources.map((resource) => ({
    ...toEntry(resource),
    uri: resource.uri,
    mimeType: resource.mimeType ?? '',
    text: resource.text ?? '',
    blob: resource.blob,
  }))
  // the URI of a missing document stays, so that the editor shows the error
  const idOf = (uri: string) => documents.find((document) => document.uri === uri)?.id ?? uri
  return {
    server: { name: server.name ?? '', title: server.title ?? '', version: server.version },
    instructions: instructions ?? '',
    prompts: prompts.map((prompt) => ({
      ...toEntry(prompt),
      arguments: prompt.arguments.map((argument) => ({
        ...toEntry(argument),
        required: argument.required,
        values: (argument.values ?? []).join('\n'),
      })),
      messages: prompt.messages.map(({ role, text, resource }) => ({
        id: newId(),
        role,
        text: text ?? '',
        document: resource === undefined ? undefined : idOf(resource),
      })),
    })),
    documents,
    resourceTemplates,
  }
}

function toEntry({ name, title, description }: { name: string; title?: string | undefined; description?: string | undefined }): Entry {
  return { id: newId(), name, title: title ?? '', description: description ?? '' }
}

export function toUpload({ server, instructions, prompts, documents, resourceTemplates }: ContentForm, note: string): ContentUpload {
  const uriOf = (id: string) => documents.find((document) => document.id === id)?.uri ?? id
  return {
    manifest: {
      source: 'static',
      note,
      server: { version: server.version, ...present({ name: server.name, title: server.title }) },
      ...present({ instructions }),
      prompts: prompts.map((prompt) => ({
        ...named(prompt),
        arguments: prompt.arguments.map((argument) => {
          const values = linesOf(argument.values)
          return { ...named(argument), required: argument.required, ...(values.length > 0 ? { values } : {}) }
        }),
        messages: prompt.messages.map(({ role, text, document }) => ({
          role,
          ...(document === undefined ? { text } : { resource: uriOf(document) }),
        })),
      })),
      resources: documents.map(({ uri, mimeType, text, blob, ...document }) => ({
        uri,
        ...named(document),
        ...present({ mimeType }),
        ...(blob === undefined ? { text } : { blob }),
      })),
      resourceTemplates,
    },
  }
}

function named({ name, title, description }: Entry) {
  return { name, ...present({ title, description }) }
}

/** Returns the fields that have text. */
function present<K extends string>(fields: Record<K, string>): Partial<Record<K, string>> {
  return Object.fromEntries(Object.entries<string>(fields).filter(([, text]) => text !== '')) as Partial<Record<K, string>>
}

export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** Moves the entry at the index by one place. Returns the list itself at an end. */
export function moved<T>(list: readonly T[], index: number, by: -1 | 1): readonly T[] {
  const [one, two] = [list[index], list[index + by]]
  return one === undefined || two === undefined ? list : list.with(index, two).with(index + by, one)
}
