import { z } from 'zod'
import type { AuditAction } from './audit.ts'
import { manifestSchema, sourcesSchema, type Sources } from './bundle.ts'
import { MOST, type Limits } from './limits.ts'
import { isSlug, RESERVED_SLUGS } from './location.ts'
import { TOKEN_ENDPOINT_AUTH_METHODS } from './oauth/client-metadata.ts'
import { JWT_BEARER_GRANT } from './oauth/identity-assertion.ts'
import { covers, MACHINE_SCOPES } from './oauth/scope.ts'
import { issuerFault } from './openid/configuration.ts'
import { PLAIN_LINE } from './plain-text.ts'
import type { Finding, Surface } from './surface.ts'

export type { Finding, Surface, ToolDefinition } from './surface.ts'
export type { AuditAction } from './audit.ts'
export type { Sources } from './bundle.ts'

/**
 * Bodies of the management API (`/api/*`): a schema for what comes in, a type for what goes out. The handlers, the dashboard and the scripts all read this
 * page. Times are ISO 8601 in UTC; `tenant` and `server` in a URL are slugs; lists that can grow are pages, newest first, with a `next` to pass as `before`.
 */

const text = (max: number) => z.string().trim().max(max).regex(PLAIN_LINE, 'must not have control characters')
const name = text(100).min(1, 'must not be empty')
const slug = z.string().refine(isSlug, 'must be 3 to 30 of a-z and 0-9, with single hyphens between')

export const ROLE = z.enum(['viewer', 'developer', 'admin', 'owner'])
export type RoleName = z.infer<typeof ROLE>

/** An origin as a browser sends it, or undefined. */
function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value
}

const origins = z.array(z.string().max(300).refine(isOrigin, 'must be an origin such as https://app.example.com')).max(50)
const egress = z
  .array(
    z
      .string()
      .max(253)
      .regex(
        /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/,
        'must be a host name such as api.example.com or *.example.com',
      ),
  )
  .max(50)
const limits = z.strictObject({
  deadlineSeconds: z.int().min(1).max(MOST.deadlineSeconds),
  concurrentCalls: z.int().min(1).max(MOST.concurrentCalls),
})
/** At most what a client that acts for itself can have; `mcp:write` brings `mcp:read` along, without which nothing can be done. */
const machineScopes = z
  .array(z.enum(MACHINE_SCOPES))
  .max(10)
  .transform((scopes) => MACHINE_SCOPES.filter((scope) => covers(scopes, scope)))
/** Names of tools; null = all, those of later versions too. */
const tools = z.array(z.string().min(1).max(128)).max(500).nullable().default(null)
const icon = z
  .string()
  .max(2048)
  .refine((value) => URL.canParse(value) && new URL(value).protocol === 'https:', 'must be an https URL')
  .nullable()

export interface Page<T> {
  items: T[]
  /** Pass as `before` for the page after this; absent on the last. */
  next?: string
}

/** A refusal (RFC 9457). `errors` names what is wrong by JSON Pointer (RFC 6901). */
export interface ProblemBody {
  title: string
  status: number
  detail: string
  errors?: { pointer: string; detail: string }[]
}

// Me

export interface Me {
  user: { id: string; name: string; email: string; operator: boolean }
  tenants: TenantBody[]
}

export const createToken = z.strictObject({
  name,
  /** Of which tenant: a token reaches one. */
  tenant: z.string(),
  role: ROLE,
  expiresInDays: z.int().min(1).max(365).default(90),
})
export interface TokenBody {
  id: string
  name: string
  tenant: string
  role: RoleName
  lastFour: string
  lastUsedAt: string | null
  expiresAt: string
  createdAt: string
  /** Only in the answer that made it. */
  token?: string
}

const toolNames = z.array(z.string().min(1).max(128)).max(2000).nullable().optional()
/** What a call can need. `offline_access` is no right to call anything and stays as it was granted. */
const callScopes = z
  .array(z.enum(['mcp:read', 'mcp:write']))
  .max(2)
  .optional()

/** By the person who approved: `tools` is any choice of the server's tools, null = all of them; `scopes` can only become fewer. */
export const changeMyGrant = z.strictObject({ tools: toolNames, scopes: callScopes })
/** By the tenant: what it leaves of what the person chose, null = all of that; `scopes` can only become fewer. */
export const changeGrant = z.strictObject({ toolLimit: toolNames, scopes: callScopes })

export interface GrantBody {
  id: string
  tenant: string
  server: string
  /** Who approved it. */
  userId: string
  userName: string
  userEmail: string
  clientId: string
  /** What it called itself when it was approved. */
  clientName: string
  /** `document`: the id is the URL of its Client ID Metadata Document. `registered`: it registered, or was made by hand. */
  clientKind: 'document' | 'registered'
  /** Of what its user was shown of the document, SHA-256 in hex: another one since means that the document says something else now. */
  clientDocumentHash: string | null
  /** When it registered or was made; null for a document, and for a client that is gone. */
  clientRegisteredAt: string | null
  /** Where the code was sent; null for a device, which has none. */
  redirectUri: string | null
  scopes: string[]
  /** The tools its user chose; null = all. */
  tools: string[] | null
  /** The tools the tenant leaves of those; null = all of them. */
  toolLimit: string[] | null
  createdAt: string
  lastUsedAt: string | null
  expiresAt: string | null
}

/** One grant of one's own, with what could be chosen for it. */
export interface GrantChoiceBody extends GrantBody {
  offered: { name: string; title: string | null; canChangeThings: boolean }[]
}

// Tenants and their people

export const createTenant = z.strictObject({
  slug: slug.refine((value) => !RESERVED_SLUGS.has(value), 'is a word of the platform'),
  name,
})
export const updateTenant = z.strictObject({ name })
export interface TenantBody {
  slug: string
  name: string
  role: RoleName
  createdAt: string
}

export const changeMember = z.strictObject({ role: ROLE })
export interface MemberBody {
  userId: string
  name: string
  email: string
  role: RoleName
  createdAt: string
}

export const createInvitation = z.strictObject({ role: ROLE, email: z.email().max(320).optional() })
export interface InvitationBody {
  id: string
  role: RoleName
  email: string | null
  expiresAt: string
  createdAt: string
  /** Only in the answer that made it: to hand to whom it is for. */
  url?: string
}

export interface AuditBody {
  id: string
  serverId: string | null
  /** Its slug, while it is there. */
  server: string | null
  actor: string
  action: AuditAction
  detail: Record<string, unknown>
  createdAt: string
}

// Who else may say who a tenant's people are

const issuer = z
  .string()
  .max(500)
  .superRefine((value, ctx) => {
    const fault = issuerFault(value)
    if (fault !== undefined) ctx.addIssue({ code: 'custom', message: fault })
  })
const keySetUrl = z
  .string()
  .max(2048)
  .refine((value) => URL.canParse(value) && new URL(value).protocol === 'https:', 'must be an https URL')
  .nullable()
const visible = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')

export const createIdentityProvider = z.strictObject({
  name,
  issuer,
  /** Of an issuer that serves several: what its tokens must name as `tenant`. */
  issuerTenant: visible(500).nullable().default(null),
  /** Where its keys are, for an issuer that publishes no configuration document. */
  jwksUri: keySetUrl.default(null),
  /** Every address it names is its user's, also where it does not say `email_verified`. */
  trustsEmails: z.boolean().default(false),
  /** Its identity assertions (ID-JAG) are exchanged for tokens at the tenant's hosted servers. */
  assertions: z.boolean().default(false),
  /** Members sign in through it; null = they do not. */
  signIn: z
    .strictObject({ clientId: visible(500), clientSecret: visible(1000) })
    .nullable()
    .default(null),
})
/** Issuer and issuer's tenant stay: the people linked are theirs. */
export const updateIdentityProvider = z.strictObject({
  name: name.optional(),
  jwksUri: keySetUrl.optional(),
  trustsEmails: z.boolean().optional(),
  assertions: z.boolean().optional(),
  /** The secret may be left out: then the one there is stays. */
  signIn: z
    .strictObject({ clientId: visible(500), clientSecret: visible(1000).optional() })
    .nullable()
    .optional(),
})
export interface IdentityProviderBody {
  id: string
  name: string
  issuer: string
  issuerTenant: string | null
  jwksUri: string | null
  trustsEmails: boolean
  assertions: boolean
  /** `redirectUri` is to be registered at the provider; members go to `url`. */
  signIn: { clientId: string; clientSecretLastFour: string; redirectUri: string; url: string } | null
  createdBy: string | null
  createdAt: string
  updatedAt: string
}

export const createIdentityLink = z.strictObject({ subject: z.string().min(1).max(500), userId: z.string().min(1).max(64) })
/** Which member the provider means by a subject. */
export interface IdentityLinkBody {
  id: string
  subject: string
  /** As the provider had it when the link was made. */
  email: string | null
  userId: string
  userName: string
  userEmail: string
  createdBy: string | null
  createdAt: string
  lastUsedAt: string | null
}

/** A provider that may say it is you: in the tenant that runs it, or (null) everywhere, which is the operator's. */
export interface MyIdentityBody {
  id: string
  issuer: string
  name: string
  tenant: string | null
  createdAt: string
  lastUsedAt: string | null
}

// Hosted servers

const settings = {
  name: name.optional(),
  description: text(1000).optional(),
  icon: icon.optional(),
  access: z.enum(['members', 'signed-in', 'public']).optional(),
  clients: z.enum(['any', 'approved']).optional(),
  registration: z.enum(['open', 'protected', 'closed']).optional(),
  machineScopes: machineScopes.optional(),
  challenge: z.enum(['full', 'least']).optional(),
  origins: origins.optional(),
  egress: egress.optional(),
  limits: limits.optional(),
}
export const createServer = z.strictObject({ ...settings, slug, name })
export type CreateServerBody = z.input<typeof createServer>
export const updateServer = z.strictObject(settings)
export interface ServerBody {
  slug: string
  name: string
  description: string
  icon: string | null
  access: 'members' | 'signed-in' | 'public'
  clients: 'any' | 'approved'
  registration: 'open' | 'protected' | 'closed'
  /** What an app that registered may have when it acts for itself; empty = it may not. */
  machineScopes: string[]
  challenge: 'full' | 'least'
  origins: string[]
  egress: string[]
  limits: Limits
  /** The MCP endpoint, by path; by host too where the platform has hosts for servers. */
  url: string
  hostUrl: string | null
  /** Null before a version is active. */
  activeVersion: number | null
}

export const changeEnvironment = z.strictObject({
  /** Null removes one; what is not named stays. */
  values: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be a name such as API_URL'), z.string().max(8192).nullable()),
})
export interface EnvironmentBody {
  values: { name: string; lastFour: string }[]
}

// Versions

export const uploadVersion = z.strictObject({
  manifest: manifestSchema,
  modules: z.record(z.string(), z.string()),
  /** What the modules were bundled from, to go on from later. At most 1 MB. */
  sources: sourcesSchema.optional(),
  /** Also makes it the active one, unless it is refused. */
  activate: z.boolean().default(false),
})
export type UploadBody = z.input<typeof uploadVersion>
export interface VersionSummaryBody {
  number: number
  state: 'ready' | 'refused'
  active: boolean
  source: 'code'
  note: string
  bundleBytes: number
  findings: Finding[]
  createdBy: string | null
  createdAt: string
}
export interface VersionBody extends VersionSummaryBody {
  mainModule: string
  /** What clients see; null when discovery failed. */
  surface: Surface | null
}
/** Module name -> text, as it was uploaded. */
export interface ModulesBody {
  mainModule: string
  modules: Record<string, string>
  /** Null where the upload had none. */
  sources: Sources | null
}

/**
 * What becomes of an upload, each as it happens: the lines of the answer to one that says `Accept: application/x-ndjson`. The last is `done`, with what the
 * plain JSON answer would have been, or `failed`. A refusal before the first step has its own status and is no stream.
 */
export type DeployStep =
  | { step: 'accepted'; modules: number }
  | { step: 'stored'; bundleHash: string; bytes: number }
  /** The probe asks the version a question: `server/discover`, `tools/list`, `tools/greet` … */
  | { step: 'asking'; subject: string }
  | { step: 'probed'; findings: Finding[] }
  | { step: 'version'; number: number; state: VersionSummaryBody['state'] }
  | { step: 'activated'; number: number }
  | { step: 'done'; version: VersionBody }
  | { step: 'failed'; problem: ProblemBody }

// Who connects

export const decideClient = z.strictObject({
  clientId: z.string().min(1).max(2048),
  /** `undecided`: as if nothing had been decided, or asked. */
  state: z.enum(['approved', 'refused', 'undecided']),
})
export interface ClientBody {
  clientId: string
  name: string
  state: 'waiting' | 'approved' | 'refused'
  /** A user's id; null where the client asked for itself, or was decided about before it asked. */
  askedBy: string | null
  decidedBy: string | null
  decidedAt: string | null
  createdAt: string
}

// Clients made by hand, and what clients may do for themselves

/** How a client that was made by hand proves itself, and which grants it is for, stay as they were made. */
export const createTenantClient = z
  .strictObject({
    name,
    grantTypes: z
      .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials', JWT_BEARER_GRANT]))
      .min(1, 'must not be empty'),
    tokenEndpointAuthMethod: z.enum(TOKEN_ENDPOINT_AUTH_METHODS).default('client_secret_basic'),
    redirectUris: z.array(z.string().max(2048)).max(10).default([]),
    /** Its public keys, by value or by URL, with private_key_jwt. */
    jwks: z.unknown().optional(),
    jwksUri: z.string().max(2048).optional(),
  })
  .superRefine(({ grantTypes, tokenEndpointAuthMethod, redirectUris, jwks, jwksUri }, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    const redirects = grantTypes.includes('authorization_code')
    if (redirects && redirectUris.length === 0)
      fault('redirectUris', 'must name one at least, where authorization_code sends people back to')
    if (!redirects && redirectUris.length > 0) fault('redirectUris', 'are for clients with authorization_code')
    if (!redirects && grantTypes.includes('refresh_token')) fault('grantTypes', 'have refresh_token only beside authorization_code')
    const proven = grantTypes.find((type) => type === 'client_credentials' || type === JWT_BEARER_GRANT)
    if (proven && tokenEndpointAuthMethod === 'none')
      fault('tokenEndpointAuthMethod', `must not be none with ${proven}: the client has to prove itself`)
    if (tokenEndpointAuthMethod !== 'private_key_jwt' && (jwks !== undefined || jwksUri !== undefined))
      fault(jwks === undefined ? 'jwksUri' : 'jwks', 'is for clients with private_key_jwt')
    if (tokenEndpointAuthMethod === 'private_key_jwt' && (jwks === undefined) === (jwksUri === undefined))
      fault('jwks', 'or jwksUri is needed with private_key_jwt, and not both')
  })
export const updateTenantClient = z.strictObject({
  name: name.optional(),
  redirectUris: z.array(z.string().max(2048)).max(10).optional(),
  jwks: z.unknown().optional(),
  jwksUri: z.string().max(2048).optional(),
})
export const rotateSecret = z.strictObject({
  /** How long the secret before stays good: at most a week. */
  overlapHours: z
    .number()
    .min(0)
    .max(7 * 24)
    .default(24),
})
export interface TenantClientBody {
  clientId: string
  name: string
  grantTypes: string[]
  tokenEndpointAuthMethod: string
  redirectUris: string[]
  jwks: unknown
  jwksUri: string | null
  /** Null for a client that has none. */
  secretLastFour: string | null
  /** Until when the secret before this one is good too. */
  previousSecretExpiresAt: string | null
  /** A user's id; null once they are gone. */
  createdBy: string | null
  createdAt: string
  lastUsedAt: string | null
  /** Only in the answer that made it. */
  secret?: string
}

/** One client, with what it may do for itself at each of the tenant's servers. */
export interface TenantClientDetailBody extends TenantClientBody {
  machineGrants: (Pick<MachineGrantBody, 'scopes' | 'tools' | 'createdBy' | 'createdAt' | 'lastUsedAt'> & {
    /** The server's slug. */
    server: string
  })[]
}

export const putMachineGrant = z.strictObject({
  /** Empty keeps the client out, also one that registered and would be let in otherwise. */
  scopes: machineScopes,
  tools,
})
export interface MachineGrantBody {
  clientId: string
  clientName: string
  /** Who made the client: the tenant, or itself by registration. */
  madeBy: 'tenant' | 'registration'
  /** As things are now: of a client that registered, no more than the server's machineScopes. */
  scopes: string[]
  tools: string[] | null
  /** A user's id; null where the client got it by the server's machineScopes, or the user is gone. */
  createdBy: string | null
  createdAt: string
  lastUsedAt: string | null
}

export const createAccessKey = z.strictObject({
  name,
  /** A client made by hand that the key acts as; left out, it acts for who makes it. */
  clientId: z.string().min(1).max(200).optional(),
  scopes: machineScopes.refine((scopes) => scopes.length > 0, 'must not be empty'),
  tools,
  expiresInDays: z.int().min(1).max(365).default(90),
})
export interface AccessKeyBody {
  id: string
  name: string
  lastFour: string
  /** Whom it acts for, or as which client: one of the two. */
  userId: string | null
  clientId: string | null
  scopes: string[]
  tools: string[] | null
  /** A user's id; null once they are gone. */
  createdBy: string | null
  createdAt: string
  lastUsedAt: string | null
  expiresAt: string
  /** Only in the answer that made it. */
  key?: string
}

export const createInitialAccessToken = z.strictObject({
  name,
  expiresInDays: z.int().min(1).max(365).default(30),
  /** How many clients may be registered with it; left out or null: any number until it expires. */
  maxUses: z.int().min(1).max(10_000).nullable().default(null),
})
export interface InitialAccessTokenBody {
  id: string
  name: string
  lastFour: string
  /** Clients registered with it so far. */
  uses: number
  maxUses: number | null
  /** A user's id; null once they are gone. */
  createdBy: string | null
  lastUsedAt: string | null
  expiresAt: string
  createdAt: string
  /** Only in the answer that made it. */
  token?: string
}

export type ActivityBody =
  | {
      id: number
      kind: 'call'
      at: number
      durationMs: number
      method: string
      name?: string
      revision: string
      clientId?: string
      /** As its grant has it, while that lives. */
      clientName?: string
      userId?: string
      version: number
      outcome: 'ok' | 'tool-error' | 'error' | 'cancelled'
      code?: number
      correlationId?: string
    }
  | { id: number; kind: 'line'; at: number; level: string; origin: string; message: string; correlationId?: string }

export const ACTIVITY_PERIOD = z.enum(['hour', 'day', 'fortnight'])
/** The kept calls of a period, counted. What is not among the buckets had none. */
export interface ActivitySummaryBody {
  /** Milliseconds since the epoch: where the period begins and ends. */
  from: number
  to: number
  stepMs: number
  buckets: { at: number; calls: number; failed: number }[]
}
