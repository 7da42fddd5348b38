import { fileURLToPath } from 'node:url'
import { NON_INTERACTIVE_ENV } from './root.ts'
import { runTied } from './tied-process.ts'

export { NON_INTERACTIVE_ENV, ROOT } from './root.ts'
export const WRANGLER = fileURLToPath(new URL('../node_modules/wrangler/bin/wrangler.js', import.meta.url))

/**
 * Runs a wrangler command and returns its output. Throws a CliError with the last lines of output.
 */
export async function wrangler(step: string, args: string[], env: NodeJS.ProcessEnv = NON_INTERACTIVE_ENV): Promise<string> {
  return runTied(step, WRANGLER, args, env)
}
