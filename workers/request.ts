import type { IRequestStrict } from 'itty-router'
import type { Addresses, IssuerUrls, Location, ServerUrls } from '../protocol/location.ts'
import type { Principal } from '../protocol/principal.ts'
import type { HostedServer } from '../store/servers/servers.ts'
import type { Client } from '../store/clients/clients.ts'
import type { IdentityProvider } from '../store/identities/identity-providers.ts'
import type { Store } from '../store/index.ts'
import type { Role } from '../store/schema/tenants.ts'
import type { OwnTenant } from '../store/tenants/tenants.ts'

/** What is known of every request before the first gate. */
export interface AppRequest extends IRequestStrict {
  location: Location
  addresses: Addresses
  env: Env
  store: Store
  /** Keeps the isolate running for work that goes on after the response. Needs no receiver. */
  waitUntil: ExecutionContext['waitUntil']
  /** Entrypoints of this Worker, as the hosting of a server needs them. */
  exports: ExecutionContext['exports']
  /** Form of errors, set by the gate `speaks`. Undefined: a problem document (RFC 9457). */
  speaks?: 'oauth' | 'page'
}

/** Behind withHostedServer or withRoot: one authorization server. */
export interface IssuerRequest extends AppRequest {
  urls: IssuerUrls
}

/** Behind withHostedServer: the server exists and its tenant is not suspended. `urls` are those of the form the request came in by. */
export interface ServerRequest extends IssuerRequest {
  server: HostedServer
  urls: ServerUrls
}

/** Behind withBearer: the token is live and meant for this server's resource, or the server is public and there is none. */
export interface BearerRequest extends ServerRequest {
  principal: Principal
}

/** Behind withClient: the form is bounded and repeats nothing but `resource`; the client is who it says. */
export interface IssuerClientRequest extends IssuerRequest {
  form: URLSearchParams
  client: Client
}

/** The same where the hosted server is known too. */
export interface ClientRequest extends ServerRequest, IssuerClientRequest {
  urls: ServerUrls
}

/** A person who deploys servers or approves agentic apps. */
export interface User {
  id: string
  name: string
  email: string
  operator: boolean
}

/** Behind withUser: a person by their browser's sign-in, or by a personal API token, which reaches one tenant in at most one role. */
export interface UserRequest extends AppRequest {
  user: User
  personalToken: { tenantId: string; role: Role } | undefined
  /** Of the browser's sign-in; undefined for a token. */
  signInId: string | undefined
  /** The one tenant this request reaches: the token's, or the one whose own identity provider signed the person in. Undefined = all of the person's. */
  onlyTenant: string | undefined
}

/** Behind withTenant: the user is a member, and `tenant.role` is what they may do with what they signed in with. */
export interface TenantRequest extends UserRequest {
  tenant: OwnTenant
}

/** Behind withTenantServer: a hosted server of that tenant. */
export interface TenantServerRequest extends TenantRequest {
  server: HostedServer
}

/** Behind withIdentityProvider: one of the tenant's. */
export interface IdentityProviderRequest extends TenantRequest {
  provider: IdentityProvider
}

export type Handler<R extends AppRequest> = (request: R) => Response | Promise<Response>

/** A gate adds one property or stops the request with a response or a thrown error. */
export type Gate<R extends AppRequest> = (request: R) => Promise<Response | undefined | void> | Response | undefined | void
