import { serverUrls, RESERVED_SLUGS } from '../../protocol/location.ts'
import { findHostedServer, type HostedServer } from '../../store/servers/servers.ts'
import { findSurface } from '../../store/servers/versions.ts'
import { findSuspensionOfServer } from '../../store/tenants/suspensions.ts'
import type { AppRequest, Gate } from '../request.ts'
import { clientTabs } from './client-tabs.ts'
import { copyButton } from './copy-button.ts'
import { monogramOf } from './monogram.ts'
import { PageFault } from './page-fault.ts'
import { html, page, type Html } from './page.ts'
import { offer } from './server-offer.ts'

/**
 * Page of a hosted server: endpoint, setup of each common client, and the tools with their
 * arguments. A server for members only shows neither its description nor its tools.
 */
export const serverPage: Gate<AppRequest> = async ({ store, params, location, addresses }) => {
  if (RESERVED_SLUGS.has(params['tenant'] ?? '')) return undefined // a path without a route
  const name = { tenant: params['tenant'] ?? '', server: params['server'] ?? '' }
  const server = await findHostedServer(store, name)
  if (!server) {
    const suspended = await findSuspensionOfServer(store, name)
    if (suspended !== undefined) throw new PageFault(403, 'Tenant suspended', suspended)
    return nothingHere()
  }
  const { origin } = addresses
  const { resource } = serverUrls(server, location.form, addresses)
  const isShown = server.access !== 'members'
  const surface =
    isShown && server.active ? await findSurface(store, { tenantId: server.tenantId, versionId: server.active.id }) : undefined
  return page({
    title: server.name,
    layout: 'wide',
    copies: true,
    origin: location.form === 'host' ? origin : '',
    head: previewOf(server, `${origin}/dashboard/card.png`),
    body: html`
      ${hero(server, resource, origin)}
      <div class="sections ${isShown ? 'two' : 'one'}">
        ${isShown ? html`<section class="offer">${server.active ? offer(surface) : NOTHING_YET}</section>` : ''}
        <section class="connect" id="connect">
          <h2>Connect</h2>
          <p class="soft">${isOpen(server) ? OPEN : ASKS}</p>
          ${clientTabs({ url: resource, name: server.server, isOpen: isOpen(server) })}
        </section>
      </div>
    `,
  })
}

const ACCESS = {
  members: { mark: 'Members only', text: 'Members of the tenant can use this server. Sign in from an app to see its tools.' },
  'signed-in': { mark: 'Sign-in required', text: 'Anyone with an account here can use this server.' },
  public: { mark: 'Public', text: 'Anyone can use the read-only tools, without an account. Other tools require a sign-in.' },
} as const
const OPEN = 'Add the endpoint to any app that supports MCP. Read-only tools work at once.'
const ASKS = 'Add the endpoint to any app that supports MCP. The app discovers the rest and asks for your approval before it gets access.'
const NOTHING_YET = html`<h2>Tools</h2>
  <p class="soft">This server has no active version yet.</p>`

function isOpen({ access }: HostedServer): boolean {
  return access === 'public'
}

function hero(server: HostedServer, resource: string, origin: string): Html {
  const { mark, text } = ACCESS[server.access]
  return html`<section class="band">
    <div class="hero">
      <span class="monogram" aria-hidden="true">${monogramOf(server.name)}</span>
      <div class="hero-text">
        <h1>${server.name}</h1>
        <p class="by">MCP server by <strong>${server.tenant}</strong> <span class="tag">${mark}</span></p>
        ${server.access !== 'members' && server.description ? html`<p class="lead">${server.description}</p>` : ''}
        <p class="soft">${text}</p>
        <div class="endpoint copyable">
          <span class="unseen">Endpoint</span>
          <code id="endpoint">${resource}</code>
          ${copyButton('endpoint', 'the endpoint')}
        </div>
        <p class="actions">
          <a class="button" href="#connect">Connect an app</a>
          <a class="button secondary" href="${origin}/dashboard/t/${server.tenant}/s/${server.server}/tools">Try in the playground</a>
        </p>
      </div>
    </div>
  </section>`
}

/** Text and picture that other sites show for a link to the page. */
function previewOf(server: HostedServer, image: string): Html {
  const text = (server.access !== 'members' && server.description) || `MCP server by ${server.tenant}`
  return html`<meta name="description" content="${text}" />
    <meta property="og:type" content="website" />
    <meta property="og:site_name" content="Wharf" />
    <meta property="og:title" content="${server.name}" />
    <meta property="og:description" content="${text}" />
    <meta property="og:image" content="${image}" />
    <meta name="twitter:card" content="summary_large_image" />`
}

function nothingHere(): Response {
  return page({
    title: 'Server not found',
    status: 404,
    body: html`<h1>Server not found</h1>
      <p>No server has this URL. It may have been renamed or deleted.</p>
      <p class="actions"><a class="button" href="/dashboard/">Go to the start page</a></p>`,
  })
}
