import { resolve } from 'node:path'
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { CliError, HelpRequest } from './cli.ts'
import { findNearest } from './nearest.ts'
import { ROOT } from './wrangler.ts'

/** Command line of a script. */
interface Command<Options extends ParseArgsOptionsConfig> {
  /** The command with its arguments, then a line for each option. */
  usage: string
  options: Options
  /** Names of the arguments, in order. Every argument is required. */
  args?: readonly string[]
}

const HELP = { help: { type: 'boolean', short: 'h' } } as const

type Values<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options & typeof HELP; allowPositionals: true }>
>['values']

/**
 * Returns the options and arguments of the command line. Throws a CliError with the usage for an
 * unknown option, a missing argument or an extra argument. `--help` prints the usage.
 */
export function readCommand<const Options extends ParseArgsOptionsConfig>({
  usage,
  options,
  args = [],
}: Command<Options>): { values: Values<Options>; args: string[] } {
  const fault = (message: string): CliError => new CliError(`${message}\n\n${usage}`)
  const { values, positionals } = parse({ ...options, ...HELP }, fault)
  if ((values as { help?: boolean }).help) throw new HelpRequest(usage)
  const missing = args[positionals.length]
  if (missing !== undefined) throw fault(`${missing} is missing.`)
  const extra = positionals[args.length]
  if (extra !== undefined) throw fault(`Unknown argument "${extra}".${hintForNpm(extra)}`)
  return { values, args: positionals }
}

function parse<Options extends ParseArgsOptionsConfig>(
  options: Options & typeof HELP,
  fault: (message: string) => CliError,
): { values: Values<Options>; positionals: string[] } {
  try {
    return parseArgs({ options, allowPositionals: true }) as { values: Values<Options>; positionals: string[] }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    // the messages of parseArgs go on with advice about `--`, which npm has used up
    const sentence = message.split('. ')[0] ?? message
    const [, option] = /'--?([^' ]+)/.exec(message) ?? []
    const nearest = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && option ? findNearest(option, Object.keys(options)) : undefined
    throw fault(`${sentence}.${nearest === undefined ? '' : ` Did you mean --${nearest}?`}`)
  }
}

/** npm keeps options before `--`, and passes only the values of such options. */
function hintForNpm(value: string): string {
  const [taken] =
    Object.entries(process.env).find(([name, text]) => /^npm_config_(?:port|state|server)$/.test(name) && text === value) ?? []
  return taken === undefined
    ? ''
    : ` npm passes options to a script only after "--", for example: npm start -- --${taken.slice('npm_config_'.length)} ${value}`
}

/** Options of commands for a local platform. */
export const STATE_OPTION = { state: { type: 'string' } } as const
export const PORT_OPTION = { port: { type: 'string' } } as const

export const STATE_USAGE = '  --state DIR    state folder (WHARF_STATE, .wharf)'

/** Returns `--state` or WHARF_STATE as an absolute path. */
export function stateDirectory(state: string | undefined): string {
  return resolve(ROOT, state ?? process.env['WHARF_STATE'] ?? '.wharf')
}

/** Returns `--port` or PORT. Returns undefined if neither is set. */
export function portNumber(option: string | undefined): number | undefined {
  const port = option ?? process.env['PORT']
  if (port === undefined) return undefined
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535)
    throw new CliError(`The port must be a number from 1 to 65535, not "${port}".`)
  return Number(port)
}
