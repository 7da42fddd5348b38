import { MODERN } from '../../../protocol/mcp/revisions/2026-07-28.ts'
import { error, warning } from '../../../protocol/versions/finding.ts'
import type { StaticManifest, StaticPrompt, StaticResource } from '../../../protocol/versions/static-manifest.ts'
import { printable } from '../../../protocol/versions/surface-check.ts'
import type { Finding, Surface } from '../../../protocol/versions/surface.ts'
import { placeholdersOf } from './fill-text.ts'
import { parseUriTemplate } from './uri-template.ts'

/**
 * Returns the surface that a manifest describes. `defaultName` is used if the manifest names no
 * server.
 */
export function toSurface(manifest: StaticManifest, defaultName: string): Surface {
  const { server, instructions, prompts, resources, resourceTemplates } = manifest
  const hasSuggestions =
    prompts.some((prompt) => prompt.arguments.some(({ values }) => values)) || resourceTemplates.some(({ values }) => values)
  return {
    serverInfo: {
      name: server.name ?? defaultName,
      version: server.version,
      ...(server.title === undefined ? {} : { title: server.title }),
    },
    supportedVersions: [MODERN],
    // listChanged, because activating another version changes the lists
    capabilities: {
      ...(prompts.length > 0 ? { prompts: { listChanged: true } } : {}),
      ...(resources.length + resourceTemplates.length > 0 ? { resources: { listChanged: true } } : {}),
      ...(hasSuggestions ? { completions: {} } : {}),
    },
    ...(instructions === undefined ? {} : { instructions }),
    tools: [],
    prompts: prompts.map(toListedPrompt),
    resources: resources.map(toListedResource),
    resourceTemplates: resourceTemplates.map(({ text: _text, values: _values, ...listed }) => listed),
  }
}

function toListedPrompt({ messages: _messages, arguments: args, ...listed }: StaticPrompt): Record<string, unknown> {
  return args.length === 0 ? listed : { ...listed, arguments: args.map(({ values: _values, ...argument }) => argument) }
}

function toListedResource({ text, blob, ...listed }: StaticResource): Record<string, unknown> {
  const size = text === undefined ? Uint8Array.fromBase64(blob ?? '').byteLength : new TextEncoder().encode(text).byteLength
  return { ...listed, size }
}

/** Checks rules between parts of the manifest, such as placeholders and embedded resources. */
export function checkManifest({ instructions, prompts, resources, resourceTemplates }: StaticManifest): Finding[] {
  const uris = new Set(resources.map(({ uri }) => uri))
  const isEmpty = instructions === undefined && prompts.length + resources.length + resourceTemplates.length === 0
  return [
    ...(isEmpty ? [warning('empty', 'server/discover', 'there are no prompts, no resources and no instructions')] : []),
    ...prompts.flatMap((prompt) => checkPrompt(prompt, uris)),
    ...resourceTemplates.flatMap(({ uriTemplate, text, values = {} }) => {
      const subject = `resources/templates/${printable(uriTemplate)}`
      const parsed = parseUriTemplate(uriTemplate)
      if (!parsed) {
        const message = 'uriTemplate must have variables such as {name}, each once, with text between two variables and no operators'
        return [error('uri-template', subject, message)]
      }
      const variables = new Set(parsed.variables.map(({ name }) => name))
      return [
        ...undeclared(text, variables).map((name) =>
          warning('placeholder', subject, `{{${name}}} is not replaced, because uriTemplate has no {${name}}`),
        ),
        ...Object.keys(values)
          .filter((name) => !variables.has(name))
          .map((name) => error('values', subject, `values has ${name}, but uriTemplate has no {${name}}`)),
      ]
    }),
  ]
}

function checkPrompt({ name, arguments: args, messages }: StaticPrompt, uris: ReadonlySet<string>): Finding[] {
  const subject = `prompts/${printable(name)}`
  const declared = new Set(args.map((argument) => argument.name))
  const texts = messages.map(({ text }) => text ?? '').join('\n')
  const used = new Set(placeholdersOf(texts))
  return [
    ...(declared.size < args.length ? [error('duplicate', subject, 'two arguments have the same name')] : []),
    ...undeclared(texts, declared).map((placeholder) =>
      warning('placeholder', subject, `{{${placeholder}}} is not replaced, because the prompt has no argument ${placeholder}`),
    ),
    ...[...declared]
      .filter((argument) => !used.has(argument))
      .map((argument) => warning('placeholder', subject, `argument ${argument} is not used, because no message has {{${argument}}}`)),
    ...messages.flatMap(({ resource }) =>
      resource === undefined || uris.has(resource)
        ? []
        : [error('embedded-resource', subject, `resource ${printable(resource)} is not among the resources of the manifest`)],
    ),
  ]
}

function undeclared(text: string, declared: ReadonlySet<string>): string[] {
  return placeholdersOf(text).filter((name) => !declared.has(name))
}
