import { z } from 'zod'
import { parseAddresses } from '../../protocol/location.ts'
import { CliError } from '../cli.ts'

/** Variables of the deployed Worker, by name. */
export type Settings = Record<string, string>

interface Rule {
  schema: z.ZodType<string>
  /** Accepted values in words. */
  accepts: string
}

/** A variable of wrangler.toml that is not listed takes any value. */
const RULES: Record<string, Rule> = {
  PUBLIC_ORIGIN: {
    schema: z.string().regex(/^https:\/\/[a-z0-9-]+(\.[a-z0-9-]+)+$/),
    accepts: 'an https origin without a port and without a trailing slash, for example https://mcp.example.com',
  },
  SERVER_HOST: { schema: z.string().refine(isServerHost), accepts: 'empty or a wildcard such as *.mcp.example.com' },
  SLUG_REST_DAYS: { schema: z.string().regex(/^(\d|[1-8]\d|90)$/), accepts: 'a whole number from 0 to 90' },
  SIGN_UP: { schema: z.enum(['open', 'invitation', 'closed']), accepts: 'open, invitation or closed' },
  OPENID_ISSUER: { schema: z.union([z.literal(''), z.url({ protocol: /^https$/ })]), accepts: 'empty or the https URL of the issuer' },
  OPENID_TRUSTS_EMAILS: { schema: z.enum(['', 'true']), accepts: 'empty or true' },
}

/** Variables that only a local platform has. */
const LOCAL_ONLY = ['DEV_ORIGINS', 'OPENID_CLIENT_SECRET']

/**
 * Chooses each variable of wrangler.toml: the value of the environment, else the deployed value,
 * else the default of wrangler.toml. Throws a CliError that names each value that is not accepted.
 */
export function chooseSettings(sources: { environment: NodeJS.ProcessEnv; deployed: Settings | undefined; defaults: Settings }): Settings {
  const { environment, deployed, defaults } = sources
  const names = Object.keys(defaults).filter((name) => !LOCAL_ONLY.includes(name))
  const chosen = Object.fromEntries(
    names.map((name) => {
      const fallback = name === 'PUBLIC_ORIGIN' ? undefined : defaults[name]
      return [name, environment[name] ?? deployed?.[name] ?? fallback]
    }),
  )
  if (chosen['PUBLIC_ORIGIN'] === undefined)
    throw new CliError('Set PUBLIC_ORIGIN to the https origin of the platform, for example https://mcp.example.com.')
  const refused = names.filter((name) => RULES[name]?.schema.safeParse(chosen[name]).success === false)
  if (refused.length > 0)
    throw new CliError(refused.map((name) => `${name} must be ${RULES[name]?.accepts}, not "${chosen[name]}".`).join('\n'))
  const settings = chosen as Settings
  checkTogether(settings)
  return settings
}

/** Throws a CliError if accepted values do not fit together. */
function checkTogether(settings: Settings): void {
  const { OPENID_ISSUER: issuer, OPENID_CLIENT_ID: clientId } = settings
  if (Boolean(issuer) !== Boolean(clientId))
    throw new CliError(
      'Sign-in through an OpenID provider needs OPENID_ISSUER and OPENID_CLIENT_ID. Set both, or set both to the empty text.',
    )
}

/** Asks the Worker's own rule, with an origin that fits every wildcard. */
function isServerHost(value: string): boolean {
  try {
    parseAddresses('https://wharf.example', value)
    return true
  } catch {
    return false
  }
}
