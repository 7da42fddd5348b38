import type { ServerUrls } from '../../protocol/location.ts'
import { isLoopbackRedirectUri } from '../../protocol/oauth/redirect-uri.ts'
import { covers, type Scope } from '../../protocol/oauth/scope.ts'
import { writes, type Surface, type ToolDefinition } from '../../protocol/surface.ts'
import type { Client } from '../../store/clients.ts'
import type { HostedServer } from '../../store/servers.ts'
import { html, page, type Html } from '../pages/page.ts'

interface Consent {
  server: HostedServer
  urls: ServerUrls
  client: Client
  user: { email: string }
  /** What the active version offers; undefined before there is one. */
  surface: Surface | undefined
  scopes: Scope[]
  redirectUri: string
  handle: string
}

/**
 * Who asks is shown by where access is sent before what it calls itself: the address is proven, the name is anybody's. Nothing an app or a tenant wrote
 * is more than text here, and no image of theirs is loaded.
 */
export function consentPage({ server, urls, client, user, surface, scopes, redirectUri, handle }: Consent): Response {
  const { host, origin } = new URL(redirectUri)
  const isDashboard = client.isDashboard === true
  const loopback = !isDashboard && isLoopbackRedirectUri(redirectUri)
  // a client document's host vouches for the document; a redirect to this computer still says nothing of which program gets the code
  const documented = client.documentHash === undefined ? undefined : new URL(client.clientId).host
  const asker = isDashboard ? 'The dashboard of this platform' : (documented ?? (loopback ? 'An app on this computer' : host))
  return page({
    title: `Allow access to ${server.name}?`,
    // Chromium holds the redirect that follows the form to form-action as well
    formAction: ["'self'", origin],
    body: html`
      <h1>${asker} wants to use ${server.name}</h1>
      <dl>
        <dt>The app</dt>
        <dd>
          <strong>${asker}</strong
          >${client.name && !isDashboard ? html`, which calls itself “${client.name}”` : ''}${documented ? html`<br /><code>${client.clientId}</code>` : ''}
        </dd>
        <dt>Access is sent to</dt>
        <dd><code>${redirectUri}</code></dd>
        <dt>Server</dt>
        <dd><strong>${server.name}</strong> of ${server.tenant}<br /><code>${urls.resource}</code></dd>
        <dt>You are</dt>
        <dd>${user.email}</dd>
      </dl>
      ${loopback ? loopbackWarning() : ''}
      <h2>It will be able to</h2>
      <ul>
        ${scopes.map((scope) => html`<li>${MEANING[scope]} <code>${scope}</code></li>`)}
      </ul>
      ${toolList(surface?.tools ?? [], scopes)}
      <form method="post" action="${new URL(urls.authorizationEndpoint.replace(/authorize$/, 'consent')).pathname}">
        <input type="hidden" name="handle" value="${handle}" />
        <input type="hidden" name="form" value="${urls.form}" />
        <button type="submit" name="decision" value="approve">Allow</button>
        <button type="submit" name="decision" value="deny" class="secondary">Deny</button>
      </form>
    `,
  })
}

const MEANING: Record<Scope, string> = {
  'mcp:read': 'see what the server offers, read from it, and use tools that only read',
  'mcp:write': 'use every other tool, also those that change things',
  offline_access: 'stay connected while you are away, until you end it',
}

function loopbackWarning(): Html {
  return html`<p class="warning" role="note">
    <strong>Only allow this if you just started it yourself.</strong> The app runs on this computer, so nothing proves which program it is:
    any other program here could ask in its name.
  </p>`
}

function toolList(tools: ToolDefinition[], scopes: Scope[]): Html {
  if (tools.length === 0) return html`<p>The server offers no tools at present. It may later; they are covered too.</p>`
  return html`<h2>Its tools</h2>
    <ul>
      ${tools.map((tool) => html`<li><code>${tool.name}</code>${titleOf(tool)}${effectOf(tool, scopes)}</li>`)}
    </ul>`
}

function titleOf(tool: ToolDefinition): Html | string {
  const title = tool.title ?? tool.annotations?.title
  return title ? html` ${title}` : ''
}

/** The marks rest on what the tool says of itself; what says nothing counts as able to change things. */
function effectOf(tool: ToolDefinition, scopes: Scope[]): Html | string {
  if (!writes(tool)) return ''
  return covers(scopes, 'mcp:write')
    ? html` <strong>can change things</strong>`
    : html` <em>can change things; not part of this request</em>`
}
