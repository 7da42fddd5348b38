import { relative } from 'node:path'
import { CliError, main } from './cli.ts'
import { readOptions } from './options.ts'
import { ensureSample, type Sample } from './sample.ts'
import { openState, type State } from './state.ts'
import { startPlatform } from './supervisor.ts'

await main(async () => {
  const { port, stateDirectory, watch, rest } = readOptions()
  if (rest.length > 0) throw new CliError(`Unknown argument "${rest[0]}". The options are --port and --state.`)
  const state = await openState(stateDirectory)
  console.log('Starting Wharf …')
  const platform = await startPlatform({ state, port, watch })
  const stop = (): void => void platform.stop()
  process.once('SIGINT', stop).once('SIGTERM', stop).once('SIGHUP', stop)
  const parentWatch = stopWithNpm(stop)
  try {
    printWelcome(platform.origin, state, await ensureSample(platform.origin, state))
    await platform.ended
  } finally {
    clearInterval(parentWatch)
    await platform.stop()
  }
})

function printWelcome(origin: string, state: State, { email, password }: Sample): void {
  const url = `${origin}/demo/hello/mcp`
  console.log(`
Wharf is running.

  Open          ${origin}/
  Sign in as    ${email}
  Password      ${password}     (stored in ${relative(process.cwd(), state.sampleFile)})

Sample server. Any MCP client connects with only this URL:

  ${url}

  claude mcp add --transport http hello ${url}
  code --add-mcp '{"name":"hello","type":"http","url":"${url}"}'
  npx @modelcontextprotocol/inspector --server-url ${url}

  npm run demo    shows a client that discovers, authorizes and calls this server

Press Ctrl-C to stop. All data stays in ${relative(process.cwd(), state.directory)}/ for the next start.
`)
}

/** Stops when npm's shell ends, because the shell does not forward signals. */
function stopWithNpm(stop: () => void): NodeJS.Timeout | undefined {
  if (!process.env['npm_lifecycle_event']) return undefined
  const parent = process.ppid
  return setInterval(() => process.ppid !== parent && stop(), 500)
}
