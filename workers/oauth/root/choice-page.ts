import { policySourceOf } from '../../../protocol/oauth/redirect-uri.ts'
import type { Client } from '../../../store/clients/clients.ts'
import type { UsableServer } from '../../../store/servers/usable-servers.ts'
import { html, page, type Html } from '../../pages/page.ts'
import { appNameOf } from '../consent/page.ts'

interface Choice {
  client: Client
  redirectUri: string
  user: { email: string }
  servers: (UsableServer & { resource: string; href: string })[]
  /** Target of the form: the URL of the page, with the authorization request. */
  action: string
  /** Example of a server address. */
  example: string
  /** Typed address without a matching server. */
  notFound: string | undefined
}

/**
 * Shows the servers to choose from, before consent. Links repeat the request with a resource, and
 * grant nothing.
 */
export function choicePage({ client, redirectUri, user, servers, action, example, notFound }: Choice): Response {
  return page({
    layout: 'broad',
    title: 'Choose a server',
    status: notFound === undefined ? 200 : 404,
    // the form may end at the app, with an error about the typed server
    formAction: ["'self'", policySourceOf(redirectUri)],
    body: html`
      <h1>Choose a server</h1>
      <p>
        An app requests access but does not name a server. Choose the server whose URL you gave to the app. The app gets access to this
        server only, after your consent on the next page.
      </p>
      <dl>
        <dt>App</dt>
        <dd><strong>${appNameOf(client, redirectUri)}</strong>${client.name ? html`, which calls itself “${client.name}”` : ''}</dd>
        <dt>Signed in as</dt>
        <dd>${user.email}</dd>
      </dl>
      <h2>Your servers</h2>
      ${servers.length > 0 ? serverList(servers) : html`<p>Your tenants have no server that this app can use.</p>`}
      <h2>Another server</h2>
      <form method="post" action="${action}">
        <label>Server URL that you gave the app <input name="address" required maxlength="500" value="${notFound ?? ''}" /></label>
        ${
          notFound === undefined ? '' : html`<p class="error" role="alert">No server has this URL. Example of a server URL: ${example}.</p>`
        }
        <button type="submit" class="secondary">Continue</button>
      </form>
    `,
  })
}

function serverList(servers: Choice['servers']): Html {
  return html`<ul>
    ${servers.map(
      ({ href, name, tenant, resource, description }) =>
        html`<li>
          <a href="${href}"><strong>${name}</strong></a> of ${tenant}<br /><code>${resource}</code>${
            description ? html`<br /><span class="soft">${description.slice(0, 300)}</span>` : ''
          }
        </li>`,
    )}
  </ul>`
}
