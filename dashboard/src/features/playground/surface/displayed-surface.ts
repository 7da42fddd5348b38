import type { Surface, ToolDefinition } from '../../../../../protocol/api.ts'
import type { LiveSurface } from '../connection/connection.ts'

export interface PromptEntry {
  name: string
  title?: string | undefined
  description?: string | undefined
  arguments: { name: string; title?: string | undefined; description?: string | undefined; required: boolean }[]
}

export interface ResourceEntry {
  /** URI, or URI template with `{…}` variables. */
  uri: string
  isTemplate: boolean
  name: string
  title?: string | undefined
  description?: string | undefined
  mimeType?: string | undefined
}

/** Surface to display: recorded by the probe at deploy time, or listed live by the server. */
export interface DisplayedSurface {
  isLive: boolean
  instructions: string | undefined
  tools: ToolDefinition[]
  prompts: PromptEntry[]
  resources: ResourceEntry[]
}

export function fromUploadedSurface({ instructions, tools, prompts, resources, resourceTemplates }: Surface): DisplayedSurface {
  return {
    isLive: false,
    instructions,
    tools,
    prompts: prompts.map(toPrompt),
    resources: [...resources.map((each) => toResource(each, false)), ...resourceTemplates.map((each) => toResource(each, true))],
  }
}

export function fromLiveSurface({ instructions, tools, prompts, resources, templates }: LiveSurface): DisplayedSurface {
  return {
    isLive: true,
    instructions,
    tools,
    prompts: prompts.map((each) => toPrompt({ ...each })),
    resources: [...resources.map((each) => toResource({ ...each }, false)), ...templates.map((each) => toResource({ ...each }, true))],
  }
}

type Listed = Record<string, unknown>

function toPrompt(listed: Listed): PromptEntry {
  const args = Array.isArray(listed['arguments']) ? (listed['arguments'] as Listed[]) : []
  return {
    ...named(listed),
    arguments: args.map((each) => ({ ...named(each), required: each['required'] === true })),
  }
}

function toResource(listed: Listed, isTemplate: boolean): ResourceEntry {
  return {
    ...named(listed),
    uri: textOf(listed[isTemplate ? 'uriTemplate' : 'uri']) ?? '',
    isTemplate,
    mimeType: textOf(listed['mimeType']),
  }
}

function named(listed: Listed): { name: string; title: string | undefined; description: string | undefined } {
  return { name: textOf(listed['name']) ?? '', title: textOf(listed['title']), description: textOf(listed['description']) }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Returns the display title of a tool. */
export function titleOf(tool: ToolDefinition): string {
  return tool.title ?? tool.annotations?.title ?? tool.name
}

/** Returns true if a tool needs `mcp:write`, like protocol/versions/surface.ts. */
export function canWrite({ annotations }: ToolDefinition): boolean {
  return annotations?.readOnlyHint !== true
}
