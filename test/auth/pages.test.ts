import { expect, it } from 'vitest'
import { createServer, fetchPlatform, surfaceOf } from '../support/platform.ts'

const tools = [
  { name: 'look', description: '<b>Looks</b>', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  { name: 'change', inputSchema: { type: 'object' } },
]

async function pageOf(access: 'members' | 'signed-in' | 'public') {
  const server = await createServer({
    code: 'export default {}',
    surface: surfaceOf(tools),
    settings: { access, name: 'A "fine" <server>', description: 'Tells of itself' },
  })
  const response = await fetchPlatform(`/${server.tenant.slug}/${server.slug}`)
  return { server, response, text: await response.text() }
}

it('server page shows the endpoint, a command per client and the tools, with write tools marked', async () => {
  const { server, response, text } = await pageOf('public')
  expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(text).toContain(`claude mcp add --transport http ${server.slug} ${server.urls.resource}`)
  expect(text).toMatch(/<code>change<\/code> <span class="tag">Can modify data/)
  expect(text).not.toMatch(/<code>look<\/code> <span/)
  expect(text).toContain('Tells of itself')
  expect(text).not.toContain('<b>Looks')
  expect(text).not.toContain('<server>')
})

it('server page hides description and tools when access is members', async () => {
  const { server, text } = await pageOf('members')
  expect(text).toContain(server.urls.resource)
  for (const hidden of ['look', 'Tells of itself']) expect(text).not.toContain(hidden)
})

it('server page answers 404 with HTML when the server does not exist', async () => {
  const response = await fetchPlatform('/nobody/nothing')
  expect([response.status, response.headers.get('Content-Type')]).toEqual([404, 'text/html; charset=utf-8'])
})
