import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { main } from './cli.ts'
import { readMemoryCap } from './memory-cap.ts'
import { PORT_OPTION, portNumber, readCommand, STATE_OPTION, STATE_USAGE, stateDirectory } from './options.ts'
import { ensureSample, SAMPLE_SERVER, type SampleAccess } from './sample.ts'
import { openState, type State } from './state.ts'
import { startPlatform } from './supervisor.ts'

const DEFAULT_PORT = 8787

const USAGE = `npm start      runs the platform on this machine
npm run dev    also rebuilds after each change of a file
  --port PORT      port (PORT, ${DEFAULT_PORT})
${STATE_USAGE}
  --memory SIZE    memory of workerd before a restart, for example 2gb (WHARF_MEMORY, a quarter of the machine)`

await main(async () => {
  const { values } = readCommand({
    usage: USAGE,
    options: { ...STATE_OPTION, ...PORT_OPTION, memory: { type: 'string' }, watch: { type: 'boolean' } },
  })
  const port = portNumber(values.port) ?? DEFAULT_PORT
  const watch = values.watch ?? false
  const memoryCap = readMemoryCap(values.memory)
  const state = await openState(stateDirectory(values.state))
  console.log('Starting Wharf …')
  const limits = memoryCap === undefined ? {} : { memoryCap }
  const platform = await startPlatform({ state, port, watch, vars: { SAMPLE_SERVER }, ...limits })
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

function printWelcome(origin: string, state: State, sample: SampleAccess): void {
  const url = `${origin}/demo/hello/mcp`
  const signIn =
    'missing' in sample
      ? `  Sign in       ${sample.missing}`
      : `  Sign in as    ${sample.email}
  Password      ${sample.password}     (stored in ${relative(process.cwd(), state.sampleFile)})`
  console.log(`
Wharf is running.

  Open          ${origin}/
${signIn}

Sample server. Any MCP client connects with only this URL:

  ${url}

  claude mcp add --transport http hello ${url}
  code --add-mcp '{"name":"hello","type":"http","url":"${url}"}'
  npx @modelcontextprotocol/inspector --server-url ${url}

  npm run demo    shows a client that discovers, authorizes and calls this server

Press Ctrl-C to stop. All data stays in ${relative(process.cwd(), state.directory)}/ for the next start.
`)
}

/**
 * Stops when npm or npm's shell ends, because the shell forwards no signal, and some shells stay
 * when npm is killed.
 */
function stopWithNpm(stop: () => void): NodeJS.Timeout | undefined {
  if (!process.env['npm_lifecycle_event']) return undefined
  const parent = process.ppid
  const grandparent = parentOf(parent)
  return setInterval(() => {
    if (process.ppid !== parent || parentOf(parent) !== grandparent) stop()
  }, 500)
}

/** Returns undefined on systems without /proc. */
function parentOf(pid: number): string | undefined {
  try {
    return /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
  } catch {
    return undefined
  }
}
