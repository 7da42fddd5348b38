/** What wrangler.toml binds, and what Cloudflare's types need to know of this Worker. */
declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import('./workers/index.ts')
    durableNamespaces: 'McpSession' | 'SubscriptionHub' | 'ServerActivity'
  }
  interface Env {
    DB: D1Database
    METADATA: KVNamespace
    BUNDLES: R2Bucket
    LOADER: WorkerLoader
    ASSETS: Fetcher
    RATE_LIMIT: RateLimit
    AUTH_RATE_LIMIT: RateLimit
    ACCOUNT_RATE_LIMIT: RateLimit
    FETCH_RATE_LIMIT: RateLimit
    TOTAL_FETCH_RATE_LIMIT: RateLimit
    API_RATE_LIMIT: RateLimit
    USER_CODE_RATE_LIMIT: RateLimit
    MCP_SESSION: DurableObjectNamespace<import('./durable-objects/session/session.ts').McpSession>
    SUBSCRIPTION_HUB: DurableObjectNamespace<import('./durable-objects/subscription-hub.ts').SubscriptionHub>
    SERVER_ACTIVITY: DurableObjectNamespace<import('./durable-objects/server-activity.ts').ServerActivity>
    PUBLIC_ORIGIN: string
    SERVER_HOST: string
    SIGN_UP: string
    DEV_ORIGINS: string
    /** The operator's OpenID provider, through which everybody may sign in. Empty = none. */
    OPENID_ISSUER: string
    OPENID_CLIENT_ID: string
    /** A secret where deployed; absent = none. */
    OPENID_CLIENT_SECRET?: string
    /** What people know it by; its host, where empty. */
    OPENID_NAME: string
    /** "true": its word for an address counts also where it does not say `email_verified`. */
    OPENID_TRUSTS_EMAILS: string
    /** Signs sign-in cookies and seals OAuth transactions. 32 random bytes, base64url; so are the two below. */
    AUTH_SECRET: string
    /** MACs MCP session ids. */
    SESSION_KEY: string
    /** Wraps the data keys of what tenants store sealed. `{key id}:{key}`, several separated by commas, the first seals. */
    VAULT_KEY: string
  }
}
interface Env extends Cloudflare.Env {}
