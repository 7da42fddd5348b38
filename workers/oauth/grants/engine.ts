import { OAuthAuthorizationServer } from '@cloudflare/workers-oauth-provider'
import type { ServerUrls } from '../../../protocol/location.ts'
import { SCOPES } from '../../../protocol/oauth/scope.ts'
import type { Client } from '../../../store/clients/clients.ts'
import type { Store } from '../../../store/index.ts'
import { OAuthRecords } from '../../../store/grants/oauth-records.ts'
import type { HostedServer } from '../../../store/servers/servers.ts'
import { ACCESS_TOKEN_SECONDS } from './access-token.ts'

const REFRESH_TOKEN_SECONDS = 30 * 24 * 3600

/** An issuer's engine over one unit of work: nothing it does is stored before `records.commit()`. For one request; a conflict needs another. */
export interface Engine {
  authorizationServer: OAuthAuthorizationServer<EngineEnv>
  records: OAuthRecords
  /** What the engine's calls take as `env`. */
  env: EngineEnv
  /** Its token endpoint. */
  fetch: (request: Request) => Promise<Response>
}

/** The engine hands its context on to API handlers alone, of which an authorization server has none. */
const NO_CONTEXT = {} as ExecutionContext

interface EngineEnv {
  OAUTH_KV: OAuthRecords
}

interface Options {
  store: Store
  server: HostedServer
  urls: ServerUrls
  /** Where it is known already; else `records.introduce` makes it known. */
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
    // counted from the last use, so an installation in use stays signed in
    refreshTokenTTL: refreshes ? REFRESH_TOKEN_SECONDS : 0,
    refreshTokenIdleTTL: REFRESH_TOKEN_SECONDS,
    clientRegistrationTTL: undefined, // registration is ours: the engine must not renew what it does not know whole
    onError: () => undefined,
  })
  const env = { OAUTH_KV: records }
  return { authorizationServer, records, env, fetch: (request) => authorizationServer.fetch(request, env, NO_CONTEXT) }
}
