import { expect, it } from 'vitest'
import { fetchPlatform } from './support/platform.ts'

async function load(path: string): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetchPlatform(path, { headers: { Accept: 'text/html' } })
  return { status: response.status, text: await response.text(), headers: response.headers }
}

const hrefsIn = (text: string) => [...text.matchAll(/href="(\/docs[^"]*|#[^"]*)"/g)].map(([, href = '']) => href)

it('documentation lists its pages, and each page leads only to pages and headings that exist', async () => {
  const home = await load('/docs')
  expect([home.status, home.headers.get('Content-Type')]).toEqual([200, 'text/html; charset=utf-8'])
  const paths = new Set(hrefsIn(home.text).filter((href) => href.startsWith('/docs/')))
  for (const page of ['/docs/clients', '/docs/operations', '/docs/architecture']) expect(paths).toContain(page)

  const anchors = new Map<string, Set<string>>()
  const links: [from: string, to: string][] = []
  for (const path of paths) {
    const { status, text } = await load(path)
    expect([path, status]).toEqual([path, 200])
    anchors.set(path, new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id)))
    for (const href of hrefsIn(text)) links.push([path, href.startsWith('#') ? `${path}${href}` : href])
  }
  const broken = links.filter(([, to]) => {
    const [path = '', anchor] = to.split('#')
    return path !== '/docs' && (!anchors.has(path) || (anchor !== undefined && !anchors.get(path)?.has(anchor)))
  })
  expect(broken).toEqual([])
})

it('documentation shows tables, code and headings of its Markdown, without the Markdown', async () => {
  const { text } = await load('/docs/operations')
  expect(text).toContain('<h1>Operations</h1>')
  expect(text).toContain('<h2 id="deploying">')
  expect(text).toMatch(/<table><thead><tr><th>id<\/th>/)
  expect(text).not.toMatch(/\]\(|^#+ /m)
})

it.each(['/docs/nothing', '/docs/decisions/nothing', '/docs/index.json', '/docs/clients.html', '/docs/CLIENTS'])(
  'documentation answers %s with 404',
  async (path) => {
    expect((await load(path)).status).toBe(404)
  },
)
