import type { IRequestStrict } from 'itty-router'
import type { Addresses, IssuerUrls, Location, ServerUrls } from '../protocol/location.ts'
import type { Principal } from '../protocol/principal.ts'
import type { HostedServer } from '../store/servers/servers.ts'
import type { Client } from '../store/clients/clients.ts'
import type { IdentityProvider } from '../store/identities/identity-providers.ts'
import type { Store } from '../store/index.ts'
import type { Role } from '../store/schema/tenants.ts'
import type { OwnTenant } from '../store/tenants/tenants.ts'

/** Properties of every request before the first gate. */
export interface AppRequest extends IRequestStrict {
  location: Location
  addresses: Addresses
  env: Env
  store: Store
  /** Extends the life of the isolate past the response. May be called without a receiver. */
  waitUntil: ExecutionContext['waitUntil']
  /** Entrypoints of the Worker, needed by hosting to run a server. */
  exports: ExecutionContext['exports']
  /** Form of errors, set by the gate `speaks`. Undefined = a problem document (RFC 9457). */
  speaks?: 'oauth' | 'page'
}

/** Set by withHostedServer or withRoot: the URLs of an authorization server. */
export interface IssuerRequest extends AppRequest {
  urls: IssuerUrls
}

/**
 * Set by withHostedServer: a server of a tenant not suspended. `urls` have the form of the request,
 * path or host.
 */
export interface ServerRequest extends IssuerRequest {
  server: HostedServer
  urls: ServerUrls
}

/**
 * Set by withBearer: the principal of a valid token for the resource. The principal is anonymous if
 * a public server received no token.
 */
export interface BearerRequest extends ServerRequest {
  principal: Principal
}

/**
 * Set by withClient: a bounded form without repeated parameters except `resource`, and the
 * authenticated client.
 */
export interface IssuerClientRequest extends IssuerRequest {
  form: URLSearchParams
  client: Client
}

/** A client request with a known hosted server. */
export interface ClientRequest extends ServerRequest, IssuerClientRequest {
  urls: ServerUrls
}

/** A person: deploys servers, or approves agentic apps. */
export interface User {
  id: string
  name: string
  email: string
  operator: boolean
}

/**
 * Set by withUser: a person by browser sign-in or personal API token. A token reaches a single
 * tenant, with at most the role of the token.
 */
export interface UserRequest extends AppRequest {
  user: User
  personalToken: { tenantId: string; role: Role } | undefined
  /** Id of the browser's sign-in. Undefined for a token. */
  signInId: string | undefined
  /**
   * The only tenant within reach: the tenant of the token, or the tenant with the identity provider
   * used for sign-in. Undefined = all tenants of the person.
   */
  onlyTenant: string | undefined
}

/** Set by withTenant: a tenant of the user. `tenant.role` is limited by the role of the token. */
export interface TenantRequest extends UserRequest {
  tenant: OwnTenant
}

/** Set by withTenantServer: a hosted server of the tenant. */
export interface TenantServerRequest extends TenantRequest {
  server: HostedServer
}

/** Set by withIdentityProvider: an identity provider of the tenant. */
export interface IdentityProviderRequest extends TenantRequest {
  provider: IdentityProvider
}

export type Handler<R extends AppRequest> = (request: R) => Response | Promise<Response>

/** A gate adds a property, or stops the request with a response or an error. */
export type Gate<R extends AppRequest> = (request: R) => Promise<Response | undefined | void> | Response | undefined | void
