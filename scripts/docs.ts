import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Marked, type Tokens } from 'marked'
import type { DocsPage } from '../protocol/docs.ts'
import { ROOT } from './wrangler.ts'

const SOURCE = join(ROOT, 'docs')
const SITE = join(ROOT, 'dashboard/dist/site/docs')

/** Pages for users and operators of a platform, in reading order. The rest is for developers. */
const ORDER: Record<Exclude<DocsPage['group'], 'Develop' | 'Decisions'>, string[]> = {
  Use: ['clients', 'bring-your-server', 'sources', 'apis', 'connections', 'machines', 'identity-providers', 'reasons'],
  Operate: ['operations', 'storage', 'bounds'],
}

/**
 * Renders docs/ as fragments of HTML, and a list of the pages, into the assets of the Worker. The
 * pages at /docs show the fragments.
 */
export async function buildDocs(): Promise<void> {
  const files = (await readdir(SOURCE, { recursive: true })).filter((file) => file.endsWith('.md'))
  const pages: DocsPage[] = []
  for (const file of files) {
    const name = file.slice(0, -'.md'.length)
    const { title, summary, html } = renderPage(await readFile(join(SOURCE, file), 'utf8'), name)
    await writeIfChanged(join(SITE, `${name}.html`), html)
    pages.push({ name, title, summary, group: groupOf(name) })
  }
  await writeIfChanged(join(SITE, 'index.json'), JSON.stringify(pages.toSorted(byGroupAndOrder)))
}

/** Returns title, summary and HTML of a page. The HTML has no title. */
export function renderPage(markdown: string, name: string): { title: string; summary: string; html: string } {
  const marked = new Marked({ gfm: true })
  const tokens = marked.lexer(markdown)
  const titleIndex = tokens.findIndex((token) => token.type === 'heading' && token['depth'] === 1)
  const title = (tokens[titleIndex] as Tokens.Heading | undefined)?.text ?? name
  if (titleIndex >= 0) tokens.splice(titleIndex, 1)
  const headings = tokens.filter((token) => token.type === 'heading' && token['depth'] === 2) as Tokens.Heading[]
  const [first] = tokens.filter(({ type }) => type !== 'space')
  // a page without an introduction is summarized by its sections
  const summary = first?.type === 'paragraph' ? (first as Tokens.Paragraph).text : headings.map(({ text }) => text).join(', ')
  const anchors = new Set<string>()
  marked.use({
    renderer: {
      heading({ tokens: inline, depth, text }) {
        const id = anchorOf(text, anchors)
        return `<h${depth} id="${id}"><a href="#${id}">${this.parser.parseInline(inline)}</a></h${depth}>\n`
      },
      link({ href, tokens: inline }) {
        return `<a href="${escape(linkTarget(href, name))}">${this.parser.parseInline(inline)}</a>`
      },
      // a wide table scrolls by itself and not with the page; the keyboard must reach the scrolling
      table(token) {
        const row = (cells: Tokens.TableCell[], tag: 'th' | 'td') =>
          `<tr>${cells.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`
        const body = token.rows.map((cells) => row(cells, 'td')).join('')
        return `<div class="table" tabindex="0"><table><thead>${row(token.header, 'th')}</thead><tbody>${body}</tbody></table></div>\n`
      },
    },
  })
  return { title: plain(title), summary: plain(summary), html: marked.parser(tokens) }
}

/** Returns the anchor of a heading as on a code host, so links work there and here. */
function anchorOf(text: string, taken: Set<string>): string {
  const base = plain(text)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
  let anchor = base
  for (let count = 1; taken.has(anchor); count += 1) anchor = `${base}-${count}`
  taken.add(anchor)
  return anchor
}

/** A link to another file of docs/ leads to its page. A file outside docs/ has no page. */
function linkTarget(href: string, name: string): string {
  if (/^[a-z]+:|^#/.test(href)) return href
  const { pathname, hash } = new URL(href, `file:///docs/${name}.md`)
  return pathname.startsWith('/docs/') && pathname.endsWith('.md') ? `${pathname.slice(0, -'.md'.length)}${hash}` : `/docs${hash}`
}

/** Returns the text without the marks of links, code and emphasis. */
function plain(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '')
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}

function groupOf(name: string): DocsPage['group'] {
  if (name.startsWith('decisions/')) return 'Decisions'
  if (ORDER.Use.includes(name)) return 'Use'
  return ORDER.Operate.includes(name) ? 'Operate' : 'Develop'
}

const GROUPS: DocsPage['group'][] = ['Use', 'Operate', 'Develop', 'Decisions']

function byGroupAndOrder(one: DocsPage, other: DocsPage): number {
  const place = ({ name, group }: DocsPage) => (group === 'Use' || group === 'Operate' ? ORDER[group].indexOf(name) : 0)
  return GROUPS.indexOf(one.group) - GROUPS.indexOf(other.group) || place(one) - place(other) || (one.name < other.name ? -1 : 1)
}

/** A running platform may read the file, so an unchanged file is left alone. */
async function writeIfChanged(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
