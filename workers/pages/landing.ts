import { clientLines } from '../../protocol/client-lines.ts'
import { isSlug, serverUrls } from '../../protocol/location.ts'
import { findHostedServer, type HostedServer } from '../../store/servers/servers.ts'
import type { AppRequest } from '../request.ts'
import { copyButton } from './copy-button.ts'
import { CONNECT, DEPLOY, HARBOUR, WRITE } from './landing-pictures.ts'
import { html, page, type Html } from './page.ts'

/** Landing page for visitors without a sign-in. Complete without a script. */
export async function landingPage(request: AppRequest): Promise<Response> {
  const { env } = request
  const isOpen = env.SIGN_UP === 'open'
  const sample = await findSample(request)
  const summary = 'Deploy a tool server and get a URL that every agent can use. OAuth, consent, sessions and an audit trail are built in.'
  return page({
    title: 'MCP servers, hosted',
    layout: 'wide',
    copies: sample !== undefined,
    isSignedOut: true,
    head: html`<meta name="description" content="${summary}" />
      <meta property="og:title" content="Wharf" />
      <meta property="og:description" content="${summary}" />
      <meta property="og:image" content="${request.addresses.origin}/dashboard/card.png" />
      <meta name="twitter:card" content="summary_large_image" />`,
    body: html`
      <section class="band">
        <div class="hero landing">
          <div class="hero-text">
            <h1>The home port for your MCP servers</h1>
            <p class="lead">
              Deploy a tool server and get a URL. Every agentic app connects to it, with sign-in, consent and an audit trail that you did
              not have to build.
            </p>
            <p class="actions">
              ${isOpen ? html`<a class="button" href="/auth/sign-up">Create account</a>` : ''}
              <a class="button ${isOpen ? 'secondary' : ''}" href="/auth/sign-in">Sign in</a>
            </p>
            <p class="for">For teams that give agents their own tools, and decide which app may use them.</p>
          </div>
          ${HARBOUR}
        </div>
      </section>
      <section class="steps-band">
        <h2 class="unseen">How it works</h2>
        <ol class="steps">
          ${step(WRITE, 'Write', 'TypeScript in the browser, your own bundle, or prompts and documents without code.')}
          ${step(DEPLOY, 'Deploy', 'Each version is probed like a client would before it goes live. Roll back in one step.')}
          ${step(CONNECT, 'Connect', 'Users see which app asks for what, approve it, and can revoke it at any time.')}
        </ol>
      </section>
      ${sample ? sampleSection(sample, request) : noSample(isOpen)}
      <section class="facts">
        <div>
          <h3>One issuer for each server</h3>
          <p>Discovery, registration, PKCE, and tokens that are valid for one server only.</p>
        </div>
        <div>
          <h3>Every revision of the protocol</h3>
          <p>One URL serves 2025-03-26 to 2026-07-28, stateless or with sessions.</p>
        </div>
        <div>
          <h3>Isolated by default</h3>
          <p>Code runs in its own sandbox and reaches only the hosts that you allow.</p>
        </div>
        <div>
          <h3>Nothing unseen</h3>
          <p>Every call, console line and change of a setting is recorded for your team.</p>
        </div>
      </section>
    `,
  })
}

function step(picture: Html, title: string, text: string): Html {
  return html`<li>
    ${picture}
    <h3>${title}</h3>
    <p>${text}</p>
  </li>`
}

/** The operator's sample. Shown only if it answers visitors without an account. */
async function findSample({ env, store }: AppRequest): Promise<HostedServer | undefined> {
  const [tenant = '', server = '', ...more] = (env.SAMPLE_SERVER ?? '').split('/')
  if (!isSlug(tenant) || !isSlug(server) || more.length > 0) return undefined
  const found = await findHostedServer(store, { tenant, server })
  return found?.access === 'public' && found.active ? found : undefined
}

function sampleSection(server: HostedServer, { addresses }: AppRequest): Html {
  const { resource } = serverUrls(server, 'path', addresses)
  const lines = clientLines({ url: resource, name: server.server, isOpen: true })
  const links = lines.flatMap(({ links: [first] = [] }) => (first ? [first] : []))
  const inspector = lines.find(({ client }) => client === 'Inspector')
  return html`<section class="sample">
    <div>
      <h2>Try one without an account</h2>
      <p>
        <strong>${server.name}</strong> is a public server of this installation. ${server.description}
        <a href="/${server.tenant}/${server.server}">See its tools</a>
      </p>
    </div>
    <div>
      <div class="endpoint copyable"><code id="sample">${resource}</code>${copyButton('sample', 'the endpoint')}</div>
      <p class="links">
        ${links.map(({ label, href }) => html`<a class="button small secondary" href="${href}">${label}</a>`)}
        <a class="button small secondary" href="/${server.tenant}/${server.server}#connect">Other apps</a>
      </p>
      ${
        inspector
          ? html`<p class="label">Or in a terminal</p>
              <div class="copyable">
                <pre id="inspector">${inspector.line}</pre>
                ${copyButton('inspector', 'the command')}
              </div>`
          : ''
      }
    </div>
  </section>`
}

function noSample(isOpen: boolean): Html {
  return html`<section class="sample">
    <div>
      <h2>Try one</h2>
      <p>
        This installation has no public sample server.
        ${isOpen ? 'With an account, a server from a template is live in about a minute.' : 'Sign in to deploy a server from a template.'}
      </p>
    </div>
    <div><a class="button secondary" href="/docs">Read the docs</a></div>
  </section>`
}
