import { html, page } from './page.ts'

/** Landing page for visitors without a sign-in. One request, no script. */
export function landingPage(env: Env): Response {
  return page({
    title: 'MCP servers, hosted',
    body: html`
      <h1>MCP servers, hosted</h1>
      <p class="lead">Deploy a tool server and get a URL. Any agentic app connects to it without further configuration.</p>
      <p class="actions">
        ${env.SIGN_UP === 'open' ? html`<a class="button" href="/auth/sign-up">Create account</a>` : ''}
        <a class="button ${env.SIGN_UP === 'open' ? 'secondary' : ''}" href="/auth/sign-in">Sign in</a>
      </p>
      <ul>
        <li>Each server has its own OAuth issuer: discovery, registration, PKCE, and tokens valid for that server only.</li>
        <li>One URL serves every MCP revision, stateless or with sessions.</li>
        <li>Users see which app asks for which rights before they approve, and can revoke access at any time.</li>
      </ul>
    `,
  })
}
