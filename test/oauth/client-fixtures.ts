import type { Discovered } from '../support/app.ts'

/**
 * A real agentic app and its OAuth requests, from public sources or captured from the program.
 * Bodies keep the members and their order. Values unknown to the source are examples.
 */
export interface RegisteringApp {
  app: string
  /**
   * Repository and path, thread, or npm package with the command that sends the request. A comment
   * beside an entry names the facts taken from that source.
   */
  sources: string[]
  /** RFC 7591 §3.1. */
  registration: (server: Discovered) => Record<string, unknown>
  /** Redirect URI at `/authorize` and `/token`, with an example of a random port. */
  redirectUri: string
  /** Requested scope; undefined omits the parameter. */
  scope: (server: Discovered) => string | undefined
  /** RFC 8707: the resource parameter is sent at both endpoints or at neither. */
  sendsResource: boolean
  state: string
  /** Further parameters at `/authorize`. */
  extra?: Record<string, string>
  /** Observed method of confidential registrations; `none` for public clients. */
  authentication: 'none' | 'client_secret_post' | 'client_secret_basic'
  /** Additional parameters of the refresh request. */
  refreshes?: (server: Discovered) => Record<string, string>
}

const STATE = 'xYz0123456789-_abcdefghijklmnopqrstuvwxyzABC'

export const REGISTERING_APPS: RegisteringApp[] = [
  {
    app: 'Claude (claude.ai, Desktop, mobile)',
    sources: [
      'https://github.com/PostHog/posthog/pull/48397', // the body, from a request inspector
      // client_secret_post whatever the metadata prefers
      'https://github.com/anthropics/claude-ai-mcp/issues/667',
      'https://github.com/anthropics/claude-ai-mcp/issues/364', // resource
    ],
    registration: () => ({
      redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_name: 'Claude',
    }),
    redirectUri: 'https://claude.ai/api/mcp/auth_callback',
    scope: ({ challengeScopes }) => challengeScopes.join(' '),
    sendsResource: true,
    state: STATE,
    authentication: 'client_secret_post',
  },
  {
    app: 'Claude Code',
    sources: [
      'https://github.com/elmohq/elmo/pull/684', // captured: application_type, redirect URI
      // fixed host and path, variable port
      'https://github.com/anthropics/claude-code/issues/66511',
      '@anthropic-ai/claude-code 2.1.332, `claude mcp login`', // captured: scope
    ],
    registration: ({ challengeScopes }) => ({
      client_name: 'Claude Code (wharf)',
      redirect_uris: ['http://localhost:3118/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      scope: [...challengeScopes, 'offline_access'].join(' '),
    }),
    redirectUri: 'http://localhost:60390/callback',
    scope: ({ challengeScopes }) => [...challengeScopes, 'offline_access'].join(' '),
    sendsResource: true,
    state: STATE,
    extra: { prompt: 'consent' }, // added by the SDK for offline_access
    authentication: 'none',
  },
  {
    app: 'ChatGPT, first connection',
    sources: [
      // the authorization request
      'https://community.openai.com/t/oauth-missing-scopes-after-reconnect/1366784',
      // a public client; other members from the client document below
      'https://github.com/Dexter-DAO/dexter-mcp/issues/3',
    ],
    registration: () => ({
      redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_name: 'ChatGPT',
    }),
    redirectUri: 'https://chatgpt.com/connector_platform_oauth_redirect',
    scope: ({ scopesSupported }) => scopesSupported.join(' '),
    sendsResource: true,
    state: 'oauth_s_691b55f5b11481919ddp59nge4998443f',
    authentication: 'none',
  },
  {
    app: 'ChatGPT, reconnecting',
    sources: ['https://community.openai.com/t/oauth-missing-scopes-after-reconnect/1366784'],
    registration: () => ({
      redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_name: 'ChatGPT',
    }),
    redirectUri: 'https://chatgpt.com/connector_platform_oauth_redirect',
    scope: () => undefined,
    sendsResource: true,
    state: 'oauth_s_691b57560b648191a5a85lt8e30e0894',
    authentication: 'none',
  },
  {
    app: 'ChatGPT with a callback per connector',
    sources: [
      // /connector/oauth/<callback_id>
      'https://github.com/danielealbano/android-remote-control-mcp/pull/166',
      'https://github.com/stainless-api/mcp-front/pull/2', // client_secret_post
    ],
    registration: () => ({
      client_name: 'ChatGPT',
      redirect_uris: ['https://chatgpt.com/connector/oauth/OUbdUMlL15Ct'],
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    }),
    redirectUri: 'https://chatgpt.com/connector/oauth/OUbdUMlL15Ct',
    scope: ({ scopesSupported }) => scopesSupported.join(' '),
    sendsResource: true,
    state: 'oauth_s_691b55f5b11481919ddp59nge4998443f',
    authentication: 'client_secret_post',
  },
  {
    app: 'Cursor, desktop',
    sources: [
      // three redirect URIs; the loopback URI is used, except at a local platform with its port
      'https://github.com/erp-mafia/accounted/pull/2225',
      // without application_type since 3.13
      'https://github.com/better-auth/better-auth/pull/10956',
      'https://cursor.com/docs/context/mcp', // requests all scopes of the authorization server
    ],
    registration: () => ({
      redirect_uris: [
        'cursor://anysphere.cursor-mcp/oauth/callback',
        'https://www.cursor.com/agents/mcp/oauth/callback',
        'http://localhost:8787/callback',
      ],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_name: 'Cursor',
    }),
    redirectUri: 'https://www.cursor.com/agents/mcp/oauth/callback',
    scope: ({ scopesSupported }) => scopesSupported.join(' '),
    sendsResource: true,
    state: STATE,
    authentication: 'none',
  },
  {
    app: 'Cursor cloud agents',
    sources: ['https://github.com/bytebase/bytebase/issues/20510'],
    registration: () => ({
      redirect_uris: ['https://www.cursor.com/agents/mcp/oauth/callback'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_name: 'Cursor',
    }),
    redirectUri: 'https://www.cursor.com/agents/mcp/oauth/callback',
    scope: ({ scopesSupported }) => scopesSupported.join(' '),
    sendsResource: true,
    state: STATE,
    authentication: 'none',
  },
  {
    app: 'Cursor with application_type web',
    sources: [
      'https://github.com/buildinternet/uploads/pull/886', // application_type web beside cursor://
      'https://github.com/buildinternet/uploads/pull/887', // beside an https redirect URI
      'https://github.com/better-auth/better-auth/issues/10946',
    ],
    registration: () => ({
      application_type: 'web',
      redirect_uris: [
        'cursor://anysphere.cursor-mcp/oauth/callback',
        'https://www.cursor.com/agents/mcp/oauth/callback',
        'http://localhost:8787/callback',
      ],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    }),
    redirectUri: 'https://www.cursor.com/agents/mcp/oauth/callback',
    scope: ({ scopesSupported }) => scopesSupported.join(' '),
    sendsResource: true,
    state: STATE,
    authentication: 'none',
  },
  {
    app: 'VS Code on loopback',
    sources: [
      'microsoft/vscode src/vs/base/common/oauth.ts', // the body
      // an unregistered port if the registered port is in use
      'https://github.com/microsoft/vscode/issues/278512',
    ],
    registration: vscode,
    redirectUri: 'http://127.0.0.1:59656/',
    scope: ({ challengeScopes }) => challengeScopes.join(' '),
    sendsResource: true,
    state: 'gXVXo0/iMD8WMolDHKxSTg==',
    authentication: 'none',
  },
  {
    app: 'VS Code through vscode.dev',
    sources: ['microsoft/vscode src/vs/base/common/oauth.ts', 'https://github.com/upstash/context7/pull/2784'],
    registration: vscode,
    redirectUri: 'https://vscode.dev/redirect',
    scope: ({ challengeScopes }) => challengeScopes.join(' '),
    sendsResource: true,
    state: 'gXVXo0/iMD8WMolDHKxSTg==',
    authentication: 'none',
  },
  {
    app: 'Gemini CLI',
    sources: [
      'google-gemini/gemini-cli packages/core/src/mcp/oauth-provider.ts',
      'google-gemini/gemini-cli packages/core/src/mcp/oauth-utils.ts',
    ],
    registration: ({ scopesSupported }) => ({
      client_name: 'Gemini CLI MCP Client',
      redirect_uris: ['http://localhost:7777/oauth/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      scope: scopesSupported.join(' '),
    }),
    redirectUri: 'http://localhost:7777/oauth/callback',
    scope: ({ scopesSupported }) => scopesSupported.join(' '),
    sendsResource: true,
    state: 'q5C0pZ7w3zHq0lX2nJmB6A',
    authentication: 'none',
    refreshes: ({ scopesSupported, resource }) => ({ scope: scopesSupported.join(' '), resource }),
  },
  {
    app: 'Codex',
    // captured
    sources: ['@openai/codex 0.171.0, `codex mcp login --oauth-client-registration dcr`'],
    registration: ({ challengeScopes }) => ({
      client_name: 'Codex',
      redirect_uris: ['http://127.0.0.1:41199/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      response_types: ['code'],
      scope: [...challengeScopes, 'offline_access'].join(' '),
      application_type: 'native',
    }),
    redirectUri: 'http://127.0.0.1:41199/callback',
    scope: ({ challengeScopes }) => [...challengeScopes, 'offline_access'].join(' '),
    sendsResource: true,
    state: 'RkKR-GwzuvpXqKAy-NKupQ',
    authentication: 'none',
  },
  {
    app: 'Codex without a resource',
    sources: [
      'modelcontextprotocol/rust-sdk crates/rmcp/src/transport/auth.rs', // the body; no resource
      // the callback id after the path
      'openai/codex codex-rs/rmcp-client/src/perform_oauth_login.rs',
      'https://github.com/elmohq/elmo/pull/684', // captured: application_type
    ],
    registration: () => ({
      client_name: 'Codex',
      redirect_uris: ['http://127.0.0.1:37819/callback/1pZqYvX0a2Bc'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      response_types: ['code'],
      application_type: 'native',
    }),
    redirectUri: 'http://127.0.0.1:37819/callback/1pZqYvX0a2Bc',
    scope: ({ challengeScopes }) => challengeScopes.join(' '),
    sendsResource: false,
    state: STATE,
    authentication: 'none',
  },
  {
    app: 'OpenCode',
    sources: [
      'sst/opencode packages/opencode/src/mcp/oauth-provider.ts',
      'https://github.com/elmohq/elmo/pull/684',
      'opencode-ai 1.18.33, `opencode mcp auth`', // captured: scope, prompt
    ],
    registration: ({ challengeScopes }) => ({
      redirect_uris: ['http://127.0.0.1:19876/mcp/oauth/callback'],
      client_name: 'OpenCode',
      client_uri: 'https://opencode.ai',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      scope: [...challengeScopes, 'offline_access'].join(' '),
    }),
    redirectUri: 'http://127.0.0.1:19876/mcp/oauth/callback',
    scope: ({ challengeScopes }) => [...challengeScopes, 'offline_access'].join(' '),
    sendsResource: true,
    state: 'a'.repeat(64),
    extra: { prompt: 'consent' },
    authentication: 'none',
  },
  {
    app: 'Amp',
    sources: ['@sourcegraph/amp 0.0.1790142911, `amp mcp doctor`'], // captured
    registration: () => ({
      client_name: 'Amp MCP Client (wharf)',
      redirect_uris: ['http://localhost:41592/oauth/callback'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    }),
    redirectUri: 'http://localhost:41592/oauth/callback',
    scope: ({ challengeScopes }) => challengeScopes.join(' '),
    sendsResource: true,
    state: 'c'.repeat(64),
    authentication: 'none',
  },
  {
    app: 'MCPorter',
    sources: ['mcporter 0.12.3, `mcporter call`'], // captured
    registration: ({ challengeScopes }) => ({
      client_name: 'mcporter (wharf)',
      redirect_uris: ['http://127.0.0.1:39531/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      scope: challengeScopes.join(' '),
    }),
    redirectUri: 'http://127.0.0.1:39531/callback',
    scope: ({ challengeScopes }) => challengeScopes.join(' '),
    sendsResource: true,
    state: '86c21a5a-d133-44b6-9190-d78a256a5602',
    authentication: 'none',
  },
  {
    app: 'MCP Inspector in the browser',
    sources: ['modelcontextprotocol/inspector client/src/lib/auth.ts'],
    registration: () => ({
      redirect_uris: ['http://localhost:6274/oauth/callback', 'http://localhost:6274/oauth/callback/debug'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_name: 'MCP Inspector',
      client_uri: 'https://github.com/modelcontextprotocol/inspector',
      scope: '',
    }),
    redirectUri: 'http://localhost:6274/oauth/callback/debug',
    scope: ({ challengeScopes }) => challengeScopes.join(' '),
    sendsResource: true,
    state: 'b'.repeat(64),
    authentication: 'none',
  },
  {
    app: 'LibreChat',
    // a secret if supported; scope in refreshes
    sources: ['danny-avila/LibreChat packages/api/src/mcp/oauth/handler.ts'],
    registration: ({ challengeScopes }) => ({
      client_name: 'LibreChat MCP Client',
      redirect_uris: ['http://localhost:3080/api/mcp/wharf/oauth/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      scope: challengeScopes.join(' '),
    }),
    redirectUri: 'http://localhost:3080/api/mcp/wharf/oauth/callback',
    scope: ({ challengeScopes }) => challengeScopes.join(' '),
    sendsResource: true,
    state: '68f0c7b1a4d2e93b5c7d8e9f:wharf',
    authentication: 'client_secret_basic',
    refreshes: ({ challengeScopes }) => ({ scope: challengeScopes.join(' ') }),
  },
  {
    app: 'n8n',
    sources: ['n8n-io/n8n packages/cli/src/oauth/oauth.service.ts', 'n8n-io/n8n packages/@n8n/client-oauth2/src/code-flow.ts'],
    registration: ({ scopesSupported }) => ({
      redirect_uris: ['https://n8n.example.com/rest/oauth2-credential/callback'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_name: 'n8n',
      client_uri: 'https://n8n.io/',
      scope: scopesSupported.join(' '),
    }),
    redirectUri: 'https://n8n.example.com/rest/oauth2-credential/callback',
    scope: ({ scopesSupported }) => scopesSupported.join(' '),
    sendsResource: false,
    state: 'eyJ0b2tlbiI6IjEyMyIsImNpZCI6ImFiYyIsIm9yaWdpbiI6InN0YXRpYy1jcmVkZW50aWFsIn0=',
    authentication: 'none',
  },
  {
    app: 'app that registers only redirect_uris',
    sources: ['RFC 7591 §2'],
    registration: () => ({ redirect_uris: ['https://app.example/callback'] }),
    redirectUri: 'https://app.example/callback',
    scope: () => undefined,
    sendsResource: false,
    state: STATE,
    authentication: 'client_secret_basic',
  },
]

function vscode({ grantTypesSupported, challengeScopes }: Discovered): Record<string, unknown> {
  const known = ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code']
  return {
    client_name: 'Visual Studio Code',
    client_uri: 'https://code.visualstudio.com',
    grant_types: grantTypesSupported.filter((type) => known.includes(type)),
    response_types: ['code'],
    redirect_uris: ['https://insiders.vscode.dev/redirect', 'https://vscode.dev/redirect', 'http://127.0.0.1/', 'http://127.0.0.1:33418/'],
    scope: challengeScopes.join(' '),
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  }
}
/** An app identified by the URL of a Client ID Metadata Document. */
export interface DocumentedApp {
  app: string
  sources: string[]
  document: { client_id: string; redirect_uris: string[] } & Record<string, unknown>
  /** Redirect URI at `/authorize`. */
  redirectUri: string
}

export const DOCUMENTED_APPS: DocumentedApp[] = [
  {
    app: 'Claude (claude.ai, Desktop, mobile)',
    sources: ['https://claude.ai/oauth/mcp-oauth-client-metadata', 'https://github.com/dmalis/dropthis/issues/1'],
    document: {
      client_id: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
      client_name: 'Claude',
      client_uri: 'https://claude.ai',
      redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    redirectUri: 'https://claude.ai/api/mcp/auth_callback',
  },
  {
    app: 'Claude Code',
    sources: ['https://claude.ai/oauth/claude-code-client-metadata', 'https://github.com/anthropics/claude-code/issues/64705'],
    document: {
      client_id: 'https://claude.ai/oauth/claude-code-client-metadata',
      client_name: 'Claude Code',
      client_uri: 'https://claude.ai',
      redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    redirectUri: 'http://127.0.0.1:52163/callback',
  },
  {
    app: 'ChatGPT',
    sources: ['https://chatgpt.com/oauth/client.json', 'https://github.com/django-oauth/django-oauth-toolkit/issues/1857'],
    document: {
      client_id: 'https://chatgpt.com/oauth/client.json',
      client_uri: 'https://chatgpt.com/',
      redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_name: 'ChatGPT',
      logo_uri: 'https://persistent.oaistatic.com/sonic/misc/openai-logo.png',
      token_endpoint_auth_signing_alg: 'RS256',
      jwks_uri: 'https://chatgpt.com/oauth/jwks.json',
    },
    redirectUri: 'https://chatgpt.com/connector_platform_oauth_redirect',
  },
  {
    app: 'Codex',
    sources: [
      // client id and redirect URI of @openai/codex 0.171.0
      'https://chatgpt.com/oauth/codex/client.json',
      'https://developers.openai.com/codex/mcp/', // loopback addresses without a port
    ],
    document: {
      client_id: 'https://chatgpt.com/oauth/codex/client.json',
      client_name: 'Codex',
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    redirectUri: 'http://127.0.0.1:36205/callback',
  },
  {
    app: 'OpenCode',
    sources: ['https://github.com/anomalyco/opencode/pull/47737'],
    document: {
      client_id: 'https://opencode.ai/oauth/opencode/client.json',
      client_name: 'opencode',
      client_uri: 'https://opencode.ai',
      logo_uri: 'https://opencode.ai/web-app-manifest-512x512.png',
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      token_endpoint_auth_methods_supported: ['none'],
    },
    redirectUri: 'http://127.0.0.1:19876/callback',
  },
  {
    app: 'VS Code',
    sources: ['https://vscode.dev/oauth/client-metadata.json', 'https://github.com/elmohq/elmo/pull/684'],
    document: {
      client_name: 'Visual Studio Code',
      logo_uri: 'https://code.visualstudio.com/assets/branding/code-stable.png',
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      client_id: 'https://vscode.dev/oauth/client-metadata.json',
      client_uri: 'https://vscode.dev/product',
      redirect_uris: ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
    },
    redirectUri: 'http://127.0.0.1:33418/',
  },
  {
    app: 'Zed',
    sources: ['https://zed.dev/oauth/client-metadata.json', 'zed-industries/zed crates/context_server/src/oauth.rs'],
    document: {
      client_id: 'https://zed.dev/oauth/client-metadata.json',
      client_name: 'Zed',
      client_uri: 'https://zed.dev',
      redirect_uris: ['http://127.0.0.1/callback'],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    redirectUri: 'http://127.0.0.1:41205/callback',
  },
]
