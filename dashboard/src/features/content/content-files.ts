import type { ContentManifest } from './form.ts'

/** Returns the parts of a version as texts by name, for a comparison. */
export function contentFiles({ server, instructions, prompts, resources, resourceTemplates }: ContentManifest): Record<string, string> {
  return Object.fromEntries([
    ['Server', lines(server)],
    ...(instructions === undefined ? [] : [['Instructions', instructions] as const]),
    ...prompts.map(
      ({ messages, ...prompt }) =>
        [
          `Prompt ${prompt.name}`,
          [lines(prompt), ...messages.map(({ role, text, resource }) => `[${role}]\n${text ?? `Document ${resource}`}`)].join('\n\n'),
        ] as const,
    ),
    ...resources.map(({ text, blob, ...document }) => [`Document ${document.uri}`, `${lines(document)}\n\n${text ?? blob}`] as const),
    ...resourceTemplates.map(({ text, ...template }) => [`Template ${template.uriTemplate}`, `${lines(template)}\n\n${text}`] as const),
  ])
}

function lines(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n')
}
