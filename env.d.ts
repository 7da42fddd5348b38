/** Bindings of wrangler.toml, and the Worker's declarations for Cloudflare's types. */
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
    /** Days for which the slug of a deleted tenant or server rests, 0 to 90. */
    SLUG_REST_DAYS: string
    /** Public hosted server on the landing page, as `tenant/server`. Empty offers none. */
    SAMPLE_SERVER?: string
    DEV_ORIGINS: string
    /** Start of the platform's console lines, set by scripts/serve.ts only. */
    LOG_MARK?: string
    /** The operator's OpenID provider, for all users. Empty disables the provider. */
    OPENID_ISSUER: string
    OPENID_CLIENT_ID: string
    /** A secret in deployments. Absent disables the provider. */
    OPENID_CLIENT_SECRET?: string
    /** Display name. The host if empty. */
    OPENID_NAME: string
    /** "true" trusts e-mail addresses of the provider without `email_verified`. */
    OPENID_TRUSTS_EMAILS: string
    /** Signs sign-in cookies and seals OAuth transactions. 32 random bytes in base64url. */
    AUTH_SECRET: string
    /** Authenticates MCP session ids (MAC). 32 random bytes in base64url. */
    SESSION_KEY: string
    /**
     * Wraps the data keys of sealed values. `{key id}:{key}`, separated by commas. A key is 32
     * random bytes in base64url. The first key seals.
     */
    VAULT_KEY: string
  }
}
interface Env extends Cloudflare.Env {}
