import type { ServerUrls } from '../../../protocol/location.ts'
import { toolField, WRITE_FIELD } from '../../../protocol/oauth/consent-form.ts'
import type { Offer, OfferedTool } from '../../../protocol/oauth/consent-offer.ts'
import { isLoopbackRedirectUri, policySourceOf } from '../../../protocol/oauth/redirect-uri.ts'
import type { Scope } from '../../../protocol/oauth/scope.ts'
import type { Client } from '../../../store/clients/clients.ts'
import type { HostedServer } from '../../../store/servers/servers.ts'
import { monogramOf } from '../../pages/monogram.ts'
import { html, page, type Html } from '../../pages/page.ts'
import type { WaitingDevice } from './device.ts'

interface Consent {
  server: HostedServer
  urls: ServerUrls
  client: Client
  user: { email: string }
  offer: Offer
  redirectUri: string
  /** Set for a device authorization, without a redirect to the client. */
  device?: WaitingDevice | undefined
  handle: string
}

/** A longer list of tools is collapsed and shows only names. */
const MAX_EXPANDED = 12

/**
 * Shows the consent page. The proven host of the app comes before the unproven name. Text of apps
 * and tenants is escaped, and no image of theirs is loaded.
 */
export function consentPage({ server, urls, client, user, offer, redirectUri, device, handle }: Consent): Response {
  const isDashboard = client.isDashboard === true
  const loopback = !isDashboard && !device && isLoopbackRedirectUri(redirectUri)
  const asker = device ? deviceAppNameOf(client) : appNameOf(client, redirectUri)
  const wantsMore = offer.known && (offer.newScopes.length > 0 || offer.tools.some(isNew))
  return page({
    layout: 'broad',
    title: `Allow access to ${server.name}?`,
    // Chromium applies form-action to the redirect after the form too
    formAction: device ? ["'self'"] : ["'self'", policySourceOf(redirectUri)],
    body: html`
      ${pairing(server.name)}
      <h1>${asker} wants ${wantsMore ? 'to do more with' : 'to use'} ${server.name}</h1>
      ${offer.known ? html`<p class="lead">${wantsMore ? MORE : AGAIN}</p>` : ''}
      <dl>
        <dt>App</dt>
        <dd>
          <strong>${asker}</strong>${client.name && !isDashboard ? html`, which calls itself “${client.name}”` : ''}${
            client.documentHash === undefined ? '' : html`<br /><code>${client.clientId}</code>`
          }
        </dd>
        ${
          device
            ? deviceFacts(device)
            : html`<dt>Redirect URI</dt>
                <dd><code>${redirectUri}</code></dd>`
        }
        <dt>Server</dt>
        <dd><strong>${server.name}</strong> of ${server.tenant}<br /><code>${urls.resource}</code></dd>
        <dt>Signed in as</dt>
        <dd>${user.email}</dd>
      </dl>
      ${loopback ? loopbackWarning() : ''} ${device ? deviceWarning() : ''}
      <form method="post" action="/${server.tenant}/${server.server}/consent">
        <input type="hidden" name="handle" value="${handle}" />
        <input type="hidden" name="form" value="${urls.form}" />
        <h2>Permissions</h2>
        <ul class="choices">
          ${offer.scopes.filter((scope) => scope !== 'offline_access').map((scope) => scopeItem(scope, offer))}
          ${client.grantTypes.includes('refresh_token') ? html`<li>${STAYS}</li>` : ''}
        </ul>
        ${toolChoice(offer)}
        <p class="actions">
          <button type="submit" name="decision" value="approve">Allow</button>
          <button type="submit" name="decision" value="deny" class="secondary">Deny</button>
        </p>
      </form>
    `,
  })
}

/** Picture of an app moored to the server. No image of either side is loaded. */
function pairing(name: string): Html {
  return html`<div class="pairing" aria-hidden="true">
    <svg class="tile" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75">
      <rect x="4" y="5" width="16" height="14" rx="2.5" />
      <path d="M4 9.500h16M7 7.250h.01M9.500 7.250h.01" />
    </svg>
    <svg class="rope" viewBox="0 0 64 24" fill="none" stroke="currentColor" stroke-width="2"><path d="M2 8c16 14 44 14 60 0" /></svg>
    <span class="tile server">${monogramOf(name)}</span>
  </div>`
}

/**
 * Names the app by the host of the client document or of the redirect URI. A loopback redirect does
 * not prove which program receives the code.
 */
export function appNameOf({ clientId, documentHash, isDashboard }: Client, redirectUri: string): string {
  if (isDashboard) return 'The dashboard of this platform'
  if (documentHash !== undefined) return new URL(clientId).host
  return isLoopbackRedirectUri(redirectUri) ? 'An app on this computer' : new URL(redirectUri).host
}

/** Names the app on a device. Only a client document proves a host. */
function deviceAppNameOf({ clientId, documentHash }: Client): string {
  return documentHash === undefined ? 'An app on a device' : new URL(clientId).host
}

function deviceFacts({ userCode, requestedFrom, requestedAt }: WaitingDevice): Html {
  const minutes = Math.floor((Date.now() - requestedAt) / 60_000)
  return html`<dt>Code</dt>
    <dd><strong class="user-code">${userCode}</strong></dd>
    <dt>Requested</dt>
    <dd>
      ${minutes < 1 ? 'just now' : `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ago`}${
        requestedFrom === null ? '' : html`, from the address <code>${requestedFrom}</code>`
      }
    </dd>`
}

function deviceWarning(): Html {
  return html`<p class="warning" role="note">
    <strong>Continue only if you started this on your own device, and the device shows this code now.</strong>
    A person who sent you a code or a link to this page would get access in your name.
  </p>`
}

const MORE = 'You allowed this app before. New permissions are marked; the app has all others already.'
const AGAIN =
  'You allowed this app before, and it has all of these permissions. Allow it again if it runs on another device or has lost its access.'

const MEANING: Record<Exclude<Scope, 'offline_access'>, string> = {
  'mcp:read': 'list and read what the server offers, and use read-only tools',
  'mcp:write': 'use all other tools, including tools that can modify data',
}
const STAYS = 'stay connected while you are away, until you disconnect it or 30 days pass without use'

function loopbackWarning(): Html {
  return html`<p class="warning" role="note">
    <strong>Allow this only if you just started it yourself.</strong> The app runs on this computer, so its identity is not verified. Any
    other program on this computer could send the same request.
  </p>`
}

/** Shows a scope. `mcp:read` has no checkbox, because no access works without `mcp:read`. */
function scopeItem(scope: Exclude<Scope, 'offline_access'>, { known, newScopes }: Offer): Html {
  const text = html`${MEANING[scope]} <code>${scope}</code>${known && newScopes.includes(scope) ? html` ${NEW}` : ''}`
  if (scope === 'mcp:read') return html`<li>${text}</li>`
  return html`<li>
    <label class="check"><input type="checkbox" name="${WRITE_FIELD}" checked /><span>${text}</span></label>
  </li>`
}

const NEW = html`<span class="tag new">new</span>`

/** Only tools within the requested scopes can be new. */
function isNew({ covered, held }: OfferedTool): boolean {
  return covered && !held
}

function toolChoice({ tools, known }: Offer): Html {
  if (tools.length === 0) return html`<p>The server has no tools now. Tools added later are included.</p>`
  const placed = tools.map((offered, place) => ({ ...offered, place }))
  const ofGroup = (belongs: (tool: OfferedTool) => boolean) => placed.filter((tool) => tool.covered && belongs(tool))
  const groups: [legend: string, tools: PlacedTool[]][] = known
    ? [
        ['New tools', ofGroup((tool) => !tool.held)],
        ['Tools already allowed', ofGroup((tool) => tool.held)],
      ]
    : [
        ['Tools that can modify data', ofGroup(({ writes }) => writes)],
        ['Read-only tools', ofGroup(({ writes }) => !writes)],
      ]
  const beyond = placed.filter(({ covered }) => !covered)
  const choosable = tools.length - beyond.length
  return html`<h2>Tools</h2>
    ${
      choosable === 0
        ? ''
        : html`<p class="soft">Untick any tool to allow only the ticked ones. Tools added later are then not included.</p>
            ${
              choosable > MAX_EXPANDED
                ? html`<p>
                    <button type="submit" name="decision" value="tick-all" class="secondary small">Tick all</button>
                    <button type="submit" name="decision" value="tick-none" class="secondary small">Tick none</button>
                  </p>`
                : ''
            }
            ${groups.map(([legend, members]) => toolGroup(legend, members, choosable))}`
    }
    ${
      beyond.length === 0
        ? ''
        : html`<details class="tools">
            <summary>${counted(beyond.length)} can modify data and ${beyond.length === 1 ? 'is' : 'are'} not part of this request</summary>
            <ul>
              ${beyond.map(({ tool }) => html`<li><code>${tool.name}</code></li>`)}
            </ul>
          </details>`
    }`
}

type PlacedTool = OfferedTool & { place: number }

/** Shows a group of tools. A long group is collapsed, unless a tool is unticked. */
function toolGroup(legend: string, tools: PlacedTool[], choosable: number): Html | string {
  if (tools.length === 0) return ''
  const ticked = tools.filter((tool) => tool.ticked).length
  const boxes = html`<ul class="choices">
    ${tools.map((tool) => toolBox(tool, { brief: choosable > MAX_EXPANDED }))}
  </ul>`
  if (tools.length <= MAX_EXPANDED)
    return html`<fieldset>
      <legend>${legend}</legend>
      ${boxes}
    </fieldset>`
  return html`<details class="tools" ${ticked === tools.length ? '' : 'open'}>
    <summary>${legend}: ${ticked === tools.length ? `all ${ticked}` : `${ticked} of ${tools.length}`} ticked</summary>
    <fieldset>
      <legend class="unseen">${legend}</legend>
      ${boxes}
    </fieldset>
  </details>`
}

/** Shows a tool with a checkbox. Tools without annotations count as able to modify data. */
function toolBox({ tool, place, writes, ticked }: PlacedTool, { brief }: { brief: boolean }): Html {
  const title = tool.title ?? tool.annotations?.title
  return html`<li>
    <label class="check"
      ><input type="checkbox" name="${toolField(place)}" ${ticked ? 'checked' : ''} /><span
        ><code>${tool.name}</code>${title ? html` ${title}` : ''}${writes ? html` <span class="tag">Can modify data</span>` : ''}${
          tool.description && !brief ? html` <small>${shortened(tool.description)}</small>` : ''
        }</span
      ></label
    >
  </li>`
}

function shortened(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}

function counted(tools: number): string {
  return tools === 1 ? 'One tool' : `${tools} tools`
}
