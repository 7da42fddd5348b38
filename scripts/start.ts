import { relative } from 'node:path'
import { main } from './cli.ts'
import { PORT_OPTION, portNumber, readCommand, STATE_OPTION, STATE_USAGE, stateDirectory } from './options.ts'
import { ensureSample, SAMPLE_SERVER, type Sample } from './sample.ts'
import { openState, type State } from './state.ts'
import { startPlatform } from './supervisor.ts'

const DEFAULT_PORT = 8787

const USAGE = `npm start      runs the platform on this machine
npm run dev    also rebuilds after each change of a file
  --port PORT    port (PORT, ${DEFAULT_PORT})
${STATE_USAGE}`

await main(async () => {
  const { values } = readCommand({ usage: USAGE, options: { ...STATE_OPTION, ...PORT_OPTION, watch: { type: 'boolean' } } })
  const port = portNumber(values.port) ?? DEFAULT_PORT
  const watch = values.watch ?? false
  const state = await openState(stateDirectory(values.state))
  console.log('Starting Wharf …')
  const platform = await startPlatform({ state, port, watch, vars: { SAMPLE_SERVER } })
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
