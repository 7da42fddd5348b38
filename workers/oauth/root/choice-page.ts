import type { Client } from '../../../store/clients/clients.ts'
import type { UsableServer } from '../../../store/servers/usable-servers.ts'
import { html, page, type Html } from '../../pages/page.ts'
import { askerOf } from '../consent/page.ts'

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
    title: 'Which server is it for?',
    status: notFound === undefined ? 200 : 404,
    body: html`
      <h1>Which server is it for?</h1>
      <p>
        An app asks for access and did not say to which server. Choose the one whose address you gave it: the app gets into no other, and
        you are asked before it does.
      </p>
      <dl>
        <dt>The app</dt>
        <dd><strong>${askerOf(client, redirectUri)}</strong>${client.name ? html`, which calls itself “${client.name}”` : ''}</dd>
        <dt>You are</dt>
        <dd>${user.email}</dd>
      </dl>
      <h2>Your servers</h2>
      ${servers.length > 0 ? serverList(servers) : html`<p>None of your tenants has a server that this app could use.</p>`}
      <h2>Another one</h2>
      <form method="post" action="${action}">
        <label>The address you gave the app <input name="address" required maxlength="500" value="${notFound ?? ''}" /></label>
        ${
          notFound === undefined
            ? ''
            : html`<p class="error" role="alert">No server of this platform has that address. One looks like ${example}.</p>`
        }
        <button type="submit" class="secondary">Go on</button>
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
