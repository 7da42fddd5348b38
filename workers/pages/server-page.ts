import { writes, type ToolDefinition } from '../../protocol/versions/surface.ts'
import { findHostedServer } from '../../store/servers/servers.ts'
import { findSurface } from '../../store/servers/versions.ts'
import { clientLines } from '../../protocol/client-lines.ts'
import { RESERVED_SLUGS, serverUrls } from '../../protocol/location.ts'
import type { AppRequest, Gate } from '../request.ts'
import { html, page, type Html } from './page.ts'

/**
 * Page of a hosted server: endpoint, and a line to copy for each common client. Lists tools unless
 * `access` is `members`.
 */
export const serverPage: Gate<AppRequest> = async ({ store, params, location, addresses }) => {
  if (RESERVED_SLUGS.has(params['tenant'] ?? '')) return undefined // a path without a route
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
      <p class="soft">An MCP server by ${server.tenant}. ${ACCESS[server.access]}</p>
      ${server.access !== 'members' && server.description ? html`<p>${server.description}</p>` : ''}
      <h2>Endpoint</h2>
      <pre>${resource}</pre>
      <p>Paste it into any app that supports MCP. The app discovers the rest and asks for your approval before it gets access.</p>
      ${clients(resource, server.server)} ${server.access === 'members' ? '' : tools(surface?.tools ?? [])}
    `,
  })
}

const ACCESS = {
  members: 'Members of the tenant can use it.',
  'signed-in': 'Anyone with an account here can use it.',
  public: 'Anyone can use its read-only tools. Other tools require a sign-in.',
} as const

function clients(url: string, name: string): Html {
  return html`<h2>Set up a client</h2>
    ${clientLines(url, name).map(
      ({ client, where, line }) =>
        html`<p class="label">${client}: ${where}</p>
          <pre>${line}</pre>`,
    )}`
}

function tools(offered: ToolDefinition[]): Html {
  if (offered.length === 0)
    return html`<h2>Tools</h2>
      <p>This server has no tools.</p>`
  return html`<h2>Tools</h2>
    <ul>
      ${offered.map(
        (tool) =>
          html`<li>
            <code>${tool.name}</code>${writes(tool) ? html` <span class="tag">Can modify data</span>` : ''}${
              tool.description ? html`<br /><span class="soft">${tool.description.slice(0, 300)}</span>` : ''
            }
          </li>`,
      )}
    </ul>`
}

function nothingHere(): Response {
  return page({
    title: 'Server not found',
    status: 404,
    body: html`<h1>Server not found</h1>
      <p>No server has this URL. It may have been renamed or deleted.</p>`,
  })
}
