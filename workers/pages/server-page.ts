import { writes, type ToolDefinition } from '../../protocol/versions/surface.ts'
import { findHostedServer } from '../../store/servers/servers.ts'
import { findSurface } from '../../store/servers/versions.ts'
import { clientLines } from '../../protocol/client-lines.ts'
import { RESERVED_SLUGS, serverUrls } from '../../protocol/location.ts'
import type { AppRequest, Gate } from '../request.ts'
import { html, page, type Html } from './page.ts'

/** A hosted server's page for people: its address, and one line to copy for each common client. What it offers is told where anybody signed in may use it. */
export const serverPage: Gate<AppRequest> = async ({ store, params, location, addresses }) => {
  if (RESERVED_SLUGS.has(params['tenant'] ?? '')) return undefined // an address of the platform's own that nothing answers
  const name = { tenant: params['tenant'] ?? '', server: params['server'] ?? '' }
  const server = await findHostedServer(store, name)
  if (!server) return nothingHere()
  const { resource } = serverUrls(server, location.form, addresses)
  const surface =
    server.active && server.access !== 'members'
      ? await findSurface(store, { tenantId: server.tenantId, versionId: server.active.id })
      : undefined
  return page({
    title: server.name,
    body: html`
      <h1>${server.name}</h1>
      <p class="soft">An MCP server of ${server.tenant}. ${ACCESS[server.access]}</p>
      ${server.access !== 'members' && server.description ? html`<p>${server.description}</p>` : ''}
      <h2>Its address</h2>
      <pre>${resource}</pre>
      <p>Give it to any app that speaks MCP. The app finds out the rest, and asks you before it gets access.</p>
      ${clients(resource, server.server)} ${server.access === 'members' ? '' : tools(surface?.tools ?? [])}
    `,
  })
}

const ACCESS = {
  members: 'Members of the tenant may use it.',
  'signed-in': 'Anyone with an account here may use it.',
  public: 'Anyone may use its reading tools; the others ask you to sign in.',
} as const

function clients(url: string, name: string): Html {
  return html`<h2>One line for each client</h2>
    ${clientLines(url, name).map(
      ({ client, where, line }) =>
        html`<p class="label">${client}: ${where}</p>
          <pre>${line}</pre>`,
    )}`
}

function tools(offered: ToolDefinition[]): Html {
  if (offered.length === 0)
    return html`<h2>Its tools</h2>
      <p>None at present.</p>`
  return html`<h2>Its tools</h2>
    <ul>
      ${offered.map(
        (tool) =>
          html`<li>
            <code>${tool.name}</code>${writes(tool) ? html` <span class="tag">can change things</span>` : ''}${
              tool.description ? html`<br /><span class="soft">${tool.description.slice(0, 300)}</span>` : ''
            }
          </li>`,
      )}
    </ul>`
}

function nothingHere(): Response {
  return page({
    title: 'Nothing here',
    status: 404,
    body: html`<h1>There is nothing here</h1>
      <p>No server has this address. It may have been renamed or deleted.</p>`,
  })
}
