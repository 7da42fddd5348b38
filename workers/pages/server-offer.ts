import { writes, type Surface, type ToolDefinition } from '../../protocol/versions/surface.ts'
import { html, type Html } from './page.ts'
import { argumentsOf } from './tool-arguments.ts'

/** Items of each kind that the page lists. More are counted. */
const MAX_LISTED = 100
/** More tools than this are shown closed, so the page can be scanned. */
const MAX_OPEN = 4
const MAX_TEXT = 600

/** Shows the offer of a version: tools with their arguments, prompts and documents. */
export function offer(surface: Surface | undefined): Html {
  const { tools = [], prompts = [], resources = [], resourceTemplates = [] } = surface ?? {}
  return html`<h2>Tools ${count(tools.length)}</h2>
    ${
      tools.length === 0
        ? html`<p class="soft">This server has no tools.</p>`
        : html`<ul class="items">
            ${tools.slice(0, MAX_LISTED).map((tool) => toolItem(tool, tools.length <= MAX_OPEN))}
          </ul>`
    }
    ${more(tools.length, 'tools')} ${plain('Prompts', prompts)} ${plain('Documents', [...resources, ...resourceTemplates])}`
}

function count(amount: number): Html {
  return html`<span class="count">${amount}</span>`
}

function more(amount: number, what: string): Html | undefined {
  return amount > MAX_LISTED ? html`<p class="soft">And ${amount - MAX_LISTED} more ${what}.</p>` : undefined
}

function toolItem(tool: ToolDefinition, isOpen: boolean): Html {
  const title = tool.title ?? tool.annotations?.title
  const { shown, more: rest } = argumentsOf(tool)
  return html`<li>
    <details ${isOpen ? 'open' : ''}>
      <summary>
        <span class="name"><code>${tool.name}</code> ${title && title !== tool.name ? html`<span class="soft">${title}</span>` : ''}</span>
        ${markOf(tool)}
      </summary>
      ${tool.description ? html`<p>${tool.description.slice(0, MAX_TEXT)}</p>` : ''}
      ${
        shown.length === 0
          ? html`<p class="soft">No arguments.</p>`
          : html`<table>
              <thead>
                <tr>
                  <th scope="col">Argument</th>
                  <th scope="col">Type</th>
                  <th scope="col">Description</th>
                </tr>
              </thead>
              <tbody>
                ${shown.map(
                  ({ name, type, isRequired, description }) =>
                    html`<tr>
                      <td><code>${name}</code>${isRequired ? html` <span class="required">required</span>` : ''}</td>
                      <td><code>${type}</code></td>
                      <td>${description}</td>
                    </tr>`,
                )}
              </tbody>
            </table>`
      }
      ${rest > 0 ? html`<p class="soft">And ${rest} more arguments.</p>` : ''}
    </details>
  </li>`
}

/** A tool without annotations counts as one that modifies data, as at the consent page. */
function markOf(tool: ToolDefinition): Html {
  if (!writes(tool)) return html`<span class="tag good">Read-only</span>`
  if (tool.annotations?.destructiveHint === true) return html`<span class="tag bad">Destructive</span>`
  return html`<span class="tag warn">Can modify data</span>`
}

/** Prompts and documents, whose fields come from the tenant's code. */
function plain(title: string, entries: Record<string, unknown>[]): Html | undefined {
  if (entries.length === 0) return undefined
  return html`<h2>${title} ${count(entries.length)}</h2>
    <ul class="items">
      ${entries.slice(0, MAX_LISTED).map(
        (entry) =>
          html`<li class="plain">
            <code>${textOf(entry, 'name')}</code>
            ${textOf(entry, 'description') ? html`<p class="soft">${textOf(entry, 'description')}</p>` : ''}
          </li>`,
      )}
    </ul>
    ${more(entries.length, title.toLowerCase())}`
}

function textOf(entry: Record<string, unknown>, field: string): string {
  const value = entry[field]
  return typeof value === 'string' ? value.slice(0, MAX_TEXT) : ''
}
