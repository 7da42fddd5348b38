import type { Surface, ToolDefinition } from '../../../../../protocol/api.ts'
import type { Offer } from '../connection/connection.ts'

export interface OfferedPrompt {
  name: string
  title?: string | undefined
  description?: string | undefined
  arguments: { name: string; title?: string | undefined; description?: string | undefined; required: boolean }[]
}

export interface OfferedResource {
  /** Of a template: with `{…}` for what varies. */
  uri: string
  isTemplate: boolean
  name: string
  title?: string | undefined
  description?: string | undefined
  mimeType?: string | undefined
}

/**
 * What a hosted server offers, from either of the two places that know: what was seen when the
 * version was uploaded, or the server as this caller sees it.
 */
export interface Offered {
  isLive: boolean
  instructions: string | undefined
  tools: ToolDefinition[]
  prompts: OfferedPrompt[]
  resources: OfferedResource[]
}

export function offeredBySurface({ instructions, tools, prompts, resources, resourceTemplates }: Surface): Offered {
  return {
    isLive: false,
    instructions,
    tools,
    prompts: prompts.map(toPrompt),
    resources: [...resources.map((each) => toResource(each, false)), ...resourceTemplates.map((each) => toResource(each, true))],
  }
}

export function offeredLive({ instructions, tools, prompts, resources, templates }: Offer): Offered {
  return {
    isLive: true,
    instructions,
    tools,
    prompts: prompts.map((each) => toPrompt({ ...each })),
    resources: [...resources.map((each) => toResource({ ...each }, false)), ...templates.map((each) => toResource({ ...each }, true))],
  }
}

type Listed = Record<string, unknown>

function toPrompt(listed: Listed): OfferedPrompt {
  const given = Array.isArray(listed['arguments']) ? (listed['arguments'] as Listed[]) : []
  return {
    ...named(listed),
    arguments: given.map((each) => ({ ...named(each), required: each['required'] === true })),
  }
}

function toResource(listed: Listed, isTemplate: boolean): OfferedResource {
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

/** What people call a tool. */
export function titleOf(tool: ToolDefinition): string {
  return tool.title ?? tool.annotations?.title ?? tool.name
}

/**
 * As the platform judges it (protocol/versions/surface.ts): a tool that does not say it only reads
 * needs `mcp:write`.
 */
export function canChange({ annotations }: ToolDefinition): boolean {
  return annotations?.readOnlyHint !== true
}
