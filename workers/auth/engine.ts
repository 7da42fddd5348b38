import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { betterAuth } from 'better-auth/minimal'
import { newId } from '../../protocol/random.ts'
import { openStore } from '../../store/index.ts'
import { credentials, signIns, users, verifications } from '../../store/schema.ts'

export const MIN_PASSWORD = 10
export const MAX_PASSWORD = 128
const SIGN_IN_SECONDS = 7 * 24 * 3600

/**
 * better-auth as a library: it hashes passwords and keeps users and sign-ins. Its own routes are never mounted, so every way in is a handler of ours with
 * our origin checks, limits and pages.
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
    emailAndPassword: { enabled: true, minPasswordLength: MIN_PASSWORD, maxPasswordLength: MAX_PASSWORD },
    user: { additionalFields: { operator: { type: 'boolean', required: false, input: false, defaultValue: false } } },
    session: { expiresIn: SIGN_IN_SECONDS, disableSessionRefresh: true },
    advanced: {
      database: { generateId: () => newId() },
      useSecureCookies: false, // its prefix would be __Secure-; ours is the stricter __Host-
      cookies: { session_token: { name: signInCookie(secure), attributes: { secure, path: '/', sameSite: 'lax', httpOnly: true } } },
      ipAddress: { ipAddressHeaders: ['cf-connecting-ip'] },
    },
    rateLimit: { enabled: false }, // ours stands in front
    telemetry: { enabled: false },
    logger: { disabled: true },
  })
}

function signInCookie(secure: boolean): string {
  return secure ? '__Host-wharf-sign-in' : 'wharf-sign-in'
}

type AuthEngine = ReturnType<typeof createEngine>

/** The binding is the same for all requests of an isolate, so one engine serves them. */
const engines = new WeakMap<D1Database, AuthEngine>()

export function authEngine(env: Env): AuthEngine {
  let engine = engines.get(env.DB)
  if (!engine) engines.set(env.DB, (engine = createEngine(env)))
  return engine
}
