import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { CliError } from './cli.ts'
import { ROOT } from './wrangler.ts'

export interface Options {
  port: number
  stateDirectory: string
  watch: boolean
  rest: string[]
}

/**
 * Reads `--port` or PORT (8787), `--state` or WHARF_STATE (.wharf), and `--watch`. Throws a
 * CliError for invalid options.
 */
export function readOptions(): Options {
  const { values, positionals } = parse()
  const port = values.port ?? process.env['PORT'] ?? '8787'
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535)
    throw new CliError(`The port must be a number from 1 to 65535, not "${port}".`)
  const stateDirectory = resolve(ROOT, values.state ?? process.env['WHARF_STATE'] ?? '.wharf')
  return { port: Number(port), stateDirectory, watch: values.watch ?? false, rest: positionals }
}

function parse() {
  try {
    return parseArgs({
      options: { port: { type: 'string' }, state: { type: 'string' }, watch: { type: 'boolean' } },
      allowPositionals: true,
    })
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error))
  }
}
