import { OAuthAuthorizationServer } from '@cloudflare/workers-oauth-provider'
import type { ServerUrls } from '../../../protocol/location.ts'
import { SCOPES } from '../../../protocol/oauth/scope.ts'
import type { Client } from '../../../store/clients/clients.ts'
import type { Store } from '../../../store/index.ts'
import { OAuthRecords } from '../../../store/grants/oauth-records.ts'
import type { HostedServer } from '../../../store/servers/servers.ts'
import { ACCESS_TOKEN_SECONDS } from './access-token.ts'

const REFRESH_TOKEN_SECONDS = 30 * 24 * 3600

/**
 * The engine of an issuer over one unit of work. Nothing is stored before `records.commit()`. Each
 * request, and each retry after a conflict, needs a new engine.
 */
export interface Engine {
  authorizationServer: OAuthAuthorizationServer<EngineEnv>
  records: OAuthRecords
  /** The `env` argument of the engine's methods. */
  env: EngineEnv
  /** Calls the token endpoint. */
  fetch: (request: Request) => Promise<Response>
}

/**
 * The engine passes the context to API handlers only, and an authorization server has no API
 * handlers.
 */
const NO_CONTEXT = {} as ExecutionContext

interface EngineEnv {
  OAUTH_KV: OAuthRecords
}

interface Options {
  store: Store
  server: HostedServer
  urls: ServerUrls
  /** Undefined if the client is not known yet. `records.introduce` adds the client later. */
  client?: Client
  now: Date
}

export function openEngine({ store, server, urls, client, now }: Options): Engine {
  const { issuer } = urls
  const records = new OAuthRecords(store, { ...server.key, issuer }, now)
  if (client) records.introduce(client)
  const refreshes = client?.grantTypes.includes('refresh_token') === true
  const authorizationServer = new OAuthAuthorizationServer<EngineEnv>({
    issuer,
    resources: [urls.resource],
    authorizeEndpoint: urls.authorizationEndpoint,
    tokenEndpoint: urls.tokenEndpoint,
    scopesSupported: [...SCOPES],
    accessTokenTTL: ACCESS_TOKEN_SECONDS,
    // counted from the last use, so installations in use stay signed in
    refreshTokenTTL: refreshes ? REFRESH_TOKEN_SECONDS : 0,
    refreshTokenIdleTTL: REFRESH_TOKEN_SECONDS,
    // the engine must not renew registrations, because our registration stores more fields
    clientRegistrationTTL: undefined,
    onError: () => undefined,
  })
  const env = { OAUTH_KV: records }
  return { authorizationServer, records, env, fetch: (request) => authorizationServer.fetch(request, env, NO_CONTEXT) }
}
