import { ResourceTemplate, type McpServer } from '@modelcontextprotocol/server'
import { PIXEL } from './media.ts'

export function registerResources(server: McpServer): void {
  server.registerResource(
    'static-text',
    'test://static-text',
    {
      title: 'Static text',
      description: 'Text that never changes.',
      mimeType: 'text/plain',
      cacheHint: { ttlMs: 60_000, cacheScope: 'public' },
    },
    ({ href }) => ({ contents: [{ uri: href, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }] }),
  )

  server.registerResource(
    'static-binary',
    'test://static-binary',
    { title: 'Static binary', description: 'An image of one pixel.', mimeType: 'image/png' },
    ({ href }) => ({ contents: [{ uri: href, mimeType: 'image/png', blob: PIXEL }] }),
  )

  server.registerResource(
    'watched-resource',
    'test://watched-resource',
    { title: 'Watched resource', description: 'A resource to subscribe to.', mimeType: 'text/plain' },
    ({ href }) => ({ contents: [{ uri: href, mimeType: 'text/plain', text: 'Watched resource content' }] }),
  )

  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', {
      list: undefined,
      complete: { id: (typed) => ['123', '124', '200'].filter((known) => known.startsWith(typed)) },
    }),
    { title: 'Data by id', description: 'The record with the given id.', mimeType: 'application/json' },
    ({ href }, { id }) => ({
      contents: [
        { uri: href, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }) },
      ],
    }),
  )
}
