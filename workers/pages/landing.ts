import { html, page } from './page.ts'

/** What somebody sees who is not signed in: no script, one request and its styles. */
export function landingPage(env: Env): Response {
  return page({
    title: 'MCP servers, hosted',
    body: html`
      <h1>MCP servers, hosted</h1>
      <p class="lead">Bring a tool server, get a URL. Any agentic app connects to it with nothing else configured.</p>
      <p class="actions">
        ${env.SIGN_UP === 'open' ? html`<a class="button" href="/auth/sign-up">Make an account</a>` : ''}
        <a class="button ${env.SIGN_UP === 'open' ? 'secondary' : ''}" href="/auth/sign-in">Sign in</a>
      </p>
      <ul>
        <li>Each server has its own authorization: discovery, registration, PKCE, tokens that are good for that server alone.</li>
        <li>Every revision of the protocol is served at the same URL, with sessions and without.</li>
        <li>People see who asks and what for, before an app gets access, and can end it at any time.</li>
      </ul>
    `,
  })
}
