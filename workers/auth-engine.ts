import type { BetterAuthPlugin } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { createAuthEndpoint } from 'better-auth/api'
import { setSessionCookie } from 'better-auth/cookies'
import { generateRandomString } from 'better-auth/crypto'
import { betterAuth } from 'better-auth/minimal'
import { z } from 'zod'
import { MAX_PASSWORD, MIN_PASSWORD, passwordHashing } from '../protocol/password.ts'
import { newId } from '../protocol/random.ts'
import { openStore } from '../store/index.ts'
import { signIns } from '../store/schema/identities.ts'
import { credentials, users, verifications } from '../store/schema/people.ts'

const SIGN_IN_SECONDS = 7 * 24 * 3600

/**
 * better-auth as a library: hashes passwords, and stores users and sign-ins. The routes of
 * better-auth are never mounted, so every sign-in passes through a handler of ours with origin
 * checks, limits and pages.
 */
function createEngine(env: Env) {
  const secure = env.PUBLIC_ORIGIN.startsWith('https:')
  return betterAuth({
    baseURL: env.PUBLIC_ORIGIN,
    basePath: '/auth',
    secret: env.AUTH_SECRET,
    database: drizzleAdapter(openStore(env), {
      provider: 'sqlite',
      schema: { user: users, session: signIns, account: credentials, verification: verifications },
    }),
    emailAndPassword: { enabled: true, minPasswordLength: MIN_PASSWORD, maxPasswordLength: MAX_PASSWORD, password: passwordHashing },
    user: { additionalFields: { operator: { type: 'boolean', required: false, input: false, defaultValue: false } } },
    session: {
      expiresIn: SIGN_IN_SECONDS,
      disableSessionRefresh: true,
      additionalFields: {
        tenantId: { type: 'string', required: false, input: false },
        identityLinkId: { type: 'string', required: false, input: false },
      },
    },
    plugins: [namedByProvider(), signedInNowhere()],
    advanced: {
      database: { generateId: () => newId() },
      // better-auth would add the prefix __Secure-; the cookie has the stricter __Host-
      useSecureCookies: false,
      cookies: { session_token: { name: signInCookie(secure), attributes: { secure, path: '/', sameSite: 'lax', httpOnly: true } } },
      ipAddress: { ipAddressHeaders: ['cf-connecting-ip'] },
    },
    rateLimit: { enabled: false }, // handlers apply rate limits before calling the engine
    telemetry: { enabled: false },
    logger: { disabled: true },
  })
}

const named = z.object({
  userId: z.string(),
  /**
   * Set if a provider of a tenant named the person: the link to the provider, and the only tenant
   * within reach of the sign-in.
   */
  link: z.object({ id: z.string(), tenantId: z.string() }).optional(),
})

/**
 * Signs in a person named by an identity provider, with the rows and the cookie of a sign-in by
 * password. The endpoint has no path, so no request reaches it.
 */
function namedByProvider() {
  const signInNamed = createAuthEndpoint({ method: 'POST', body: named }, async (ctx) => {
    const { userId, link } = ctx.body
    const user = await ctx.context.internalAdapter.findUserById(userId)
    if (!user) throw new Error('the user of the identity link was not found')
    const session = await ctx.context.internalAdapter.createSession(userId, false, {
      tenantId: link?.tenantId ?? null,
      identityLinkId: link?.id ?? null,
    })
    await setSessionCookie(ctx, { session, user })
    return { signInId: session.id }
  })
  return { id: 'named-by-provider', endpoints: { signInNamed } } satisfies BetterAuthPlugin
}

/**
 * Sets a cookie in the form of a sign-in cookie that signs nobody in. Sign-up replies with such a
 * cookie if the address has an account, because a reply without a cookie would tell.
 */
function signedInNowhere() {
  const signInNowhere = createAuthEndpoint({ method: 'POST' }, async (ctx) => {
    const { name, attributes } = ctx.context.authCookies.sessionToken
    const token = generateRandomString(TOKEN_LENGTH, 'a-z', 'A-Z', '0-9')
    await ctx.setSignedCookie(name, token, ctx.context.secret, { ...attributes, maxAge: ctx.context.sessionConfig.expiresIn })
  })
  return { id: 'signed-in-nowhere', endpoints: { signInNowhere } } satisfies BetterAuthPlugin
}

/** Length of better-auth's sign-in tokens. */
const TOKEN_LENGTH = 32

function signInCookie(secure: boolean): string {
  return secure ? '__Host-wharf-sign-in' : 'wharf-sign-in'
}

type AuthEngine = ReturnType<typeof createEngine>

/** All requests of an isolate share the binding, so a single engine serves all of them. */
const engines = new WeakMap<D1Database, AuthEngine>()

export function authEngine(env: Env): AuthEngine {
  let engine = engines.get(env.DB)
  if (!engine) engines.set(env.DB, (engine = createEngine(env)))
  return engine
}
