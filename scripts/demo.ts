import { relative } from 'node:path'
import { CliError, main } from './cli.ts'
import { PORT_OPTION, portNumber, readCommand, STATE_OPTION, STATE_USAGE, stateDirectory } from './options.ts'
import { readSample } from './sample.ts'
import { connect, ScriptedProvider } from './scripted-client.ts'
import { openState } from './state.ts'
import { findRunning } from './state-lock.ts'

const USAGE = `npm run demo    shows a client that discovers, authorizes and calls the sample server
  --port PORT    port of the platform (PORT, or the running platform of the state folder)
${STATE_USAGE}`

/**
 * Shows a client connecting to the running platform by URL alone, at the newest revision and in a
 * session.
 */
await main(async () => {
  const { values } = readCommand({ usage: USAGE, options: { ...STATE_OPTION, ...PORT_OPTION } })
  const state = await openState(stateDirectory(values.state))
  const port = portNumber(values.port)
  const origin = port === undefined ? (await findRunning(state.directory))?.origin : `http://localhost:${port}`
  const health = origin === undefined ? undefined : await fetch(`${origin}/healthz`).catch(() => undefined)
  if (origin === undefined || !health?.ok) {
    const place = origin === undefined ? `on ${relative(process.cwd(), state.directory)}` : `at ${origin}`
    throw new CliError(`No platform is running ${place}. Run "npm start" in another terminal first.`)
  }
  const sample = await readSample(state)
  if (!sample) {
    throw new CliError(
      `${relative(process.cwd(), state.sampleFile)} is missing, so the password of the sample user is unknown. Restore the file, or start with another state folder.`,
    )
  }

  const url = `${origin}/demo/hello/mcp`
  let number = 0
  const report = (step: string): void => console.log(`${String((number += 1)).padStart(3)}  ${step}`)
  console.log(`\nThe app knows only this URL: ${url}\n`)
  const provider = new ScriptedProvider(sample, report)

  for (const mode of [{ pin: '2026-07-28' }, 'legacy'] as const) {
    const client = await connect(url, provider, mode, { fetcher: reportingFetch(report) })
    const session = client.transport && 'sessionId' in client.transport ? client.transport.sessionId : undefined
    report(
      `connected at revision ${client.getNegotiatedProtocolVersion()}${session ? `, in session ${session.slice(0, 12)}…` : ', with no session'}`,
    )
    const { tools } = await client.listTools()
    report(`tools: ${tools.map((tool) => tool.name).join(', ')}`)
    const { content } = await client.callTool({ name: 'greet', arguments: { name: 'Wharf', language: 'fr' } })
    report(`greet returned ${JSON.stringify(content)}`)
    await client.close()
    console.log()
  }
  console.log('Done. The app discovered, registered, authorized and called a tool, without a session and in a session.')
})

/** Returns a reporting `fetch` for discovery, registration and token requests. */
function reportingFetch(report: (step: string) => void): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    const url = new URL(input instanceof Request ? input.url : input)
    if (response.status === 401) report(`401 with WWW-Authenticate: ${response.headers.get('www-authenticate')}`)
    else if (url.pathname.startsWith('/.well-known/')) report(`GET ${url.pathname} (${response.status})`)
    else if (/\/(token|register)$/.test(url.pathname)) report(`POST ${url.pathname} (${response.status})`)
    return response
  }
}
