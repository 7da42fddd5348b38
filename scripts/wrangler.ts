import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CliError } from './cli.ts'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
export const WRANGLER = fileURLToPath(new URL('../node_modules/wrangler/bin/wrangler.js', import.meta.url))

/**
 * Disables prompts, metrics and network look-ups, because a start must not depend on a network or a
 * terminal.
 */
export const NON_INTERACTIVE_ENV: NodeJS.ProcessEnv = {
  ...process.env,
  CI: 'true',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  NO_COLOR: '1',
}

/**
 * Runs a wrangler command and returns its output. Throws a CliError with the last lines of output.
 */
export async function wrangler(step: string, args: string[], env: NodeJS.ProcessEnv = NON_INTERACTIVE_ENV): Promise<string> {
  const child = spawn(process.execPath, [WRANGLER, ...args], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => output.push(text))
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const text = output.join('')
  if (code !== 0) throw new CliError(`${step} failed:\n${text.trim().split('\n').slice(-12).join('\n')}`)
  return text
}
