import { z } from 'zod'
import { parseAddresses } from '../../protocol/location.ts'
import { CliError } from '../cli.ts'

/** Variables of the deployed Worker, by name. */
export type Settings = Record<string, string>

const httpsOrigin = z
  .string()
  .regex(/^https:\/\/[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be an https origin without a port, for example https://mcp.example.com')
const EMPTY_OR = (schema: z.ZodType<string>) => z.union([z.literal(''), schema])

/** Accepted values. A variable of wrangler.toml that is not listed takes any value. */
const RULES: Record<string, z.ZodType<string>> = {
  PUBLIC_ORIGIN: httpsOrigin,
  SERVER_HOST: EMPTY_OR(z.string().regex(/^\*\.[a-z0-9-]+(\.[a-z0-9-]+)+$/)),
  SLUG_REST_DAYS: z.string().regex(/^(\d|[1-8]\d|90)$/),
  SIGN_UP: z.enum(['open', 'invitation', 'closed']),
  OPENID_ISSUER: EMPTY_OR(z.url({ protocol: /^https$/ })),
  OPENID_TRUSTS_EMAILS: z.enum(['', 'true']),
}

const EXAMPLES: Record<string, string> = {
  PUBLIC_ORIGIN: 'an https origin without a port and without a trailing slash, for example https://mcp.example.com',
  SERVER_HOST: 'empty or a wildcard such as *.mcp.example.com',
  SLUG_REST_DAYS: 'a whole number from 0 to 90',
  SIGN_UP: 'open, invitation or closed',
  OPENID_ISSUER: 'empty or the https URL of the issuer',
  OPENID_TRUSTS_EMAILS: 'empty or true',
}

/** Variables that only a local platform has. */
export const LOCAL_ONLY = ['DEV_ORIGINS', 'OPENID_CLIENT_SECRET']

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
  const refused = names.filter((name) => RULES[name]?.safeParse(chosen[name]).success === false)
  if (refused.length > 0) throw new CliError(refused.map((name) => `${name} must be ${EXAMPLES[name]}, not "${chosen[name]}".`).join('\n'))
  const settings = chosen as Settings
  checkTogether(settings)
  return settings
}

/** Throws a CliError if accepted values do not fit together. */
function checkTogether(settings: Settings): void {
  const { PUBLIC_ORIGIN: origin = '', SERVER_HOST: serverHost = '', OPENID_ISSUER: issuer, OPENID_CLIENT_ID: clientId } = settings
  if (Boolean(issuer) !== Boolean(clientId))
    throw new CliError(
      'Sign-in through an OpenID provider needs OPENID_ISSUER and OPENID_CLIENT_ID. Set both, or set both to the empty text.',
    )
  parseAddresses(origin, serverHost)
}
