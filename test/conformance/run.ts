import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Browser } from '../../scripts/browser.ts'
import { authorize, signUp } from '../../scripts/browser-flows.ts'
import { main } from '../../scripts/cli.ts'
import { Management } from '../../scripts/management.ts'
import { connect, ScriptedProvider } from '../../scripts/scripted-client.ts'
import { openState } from '../../scripts/state.ts'
import { startPlatform } from '../../scripts/supervisor.ts'
import { ROOT } from '../../scripts/wrangler.ts'
import { startProxy } from './proxy.ts'
import { listScenarios, type Outcome, runAuthorizationScenarios, runServerScenario } from './suite.ts'

/**
 * Runs the official suite against the hosted `everything` server. The server is deployed through
 * the management API, is open to members only, and is called with a token from the full
 * authorization flow. Every server and authorization-server scenario that the pinned suite lists
 * for a revision runs, and must pass. Extension scenarios (`tasks-*`, `sep-2640-skills-*`) belong
 * to no revision and do not run, because Wharf announces neither extension.
 * Scenarios that need no tool also run against a static version.
 */
const REVISIONS = ['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28']
const PORT = Number(process.env['CONFORMANCE_PORT'] ?? 8797)
const CALLBACK_PORT = PORT + 1
/** Scenarios for prompts, resources and the lifecycle. */
const WITHOUT_TOOLS: ReadonlySet<string> = new Set([
  'server-initialize',
  'server-session-lifecycle',
  'ping',
  'completion-complete',
  'dns-rebinding-protection',
  'prompts-list',
  'prompts-get-simple',
  'prompts-get-with-args',
  'prompts-get-embedded-resource',
  'resources-list',
  'resources-read-text',
  'resources-read-binary',
  'resources-templates-read',
  'sep-2164-resource-not-found',
])
/** `npm run conformance -- PATTERN` runs only the scenarios with a matching name. */
const only = new RegExp(process.argv[2] ?? '')

await main(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'wharf-conformance-'))
  const results = join(ROOT, 'results')
  await rm(results, { recursive: true, force: true })
  const log: string[] = []
  const platform = await startPlatform({ state: await openState(directory), port: PORT, log: (line) => void log.push(line) })
  process.once('SIGINT', () => void platform.stop()).once('SIGTERM', () => void platform.stop())
  try {
    const outcomes = await conform(platform.origin, results)
    report(outcomes)
    if (platform.restarts() > 0) throw new Error(`the platform was restarted ${platform.restarts()} times:\n${log.slice(-40).join('\n')}`)
  } finally {
    await platform.stop()
    await rm(directory, { recursive: true, force: true })
  }
})

async function conform(origin: string, results: string): Promise<Outcome[]> {
  const person = { name: 'Conny Form', email: 'conformance@example.com', password: 'a password for one run' }
  const browser = new Browser(origin)
  await signUp(browser, person)
  const management = new Management(browser)
  await management.ensureServer('demo', 'everything', { access: 'members' })
  await management.deploy('demo', 'everything', join(ROOT, 'examples/everything'))
  await management.ensureServer('demo', 'static', { access: 'members' })
  await management.deploy('demo', 'static', join(ROOT, 'test/conformance/static'))
  const url = `${origin}/demo/everything/mcp`
  const proxy = await startProxy(origin, await accessToken(url, person))
  const staticProxy = await startProxy(origin, await accessToken(`${origin}/demo/static/mcp`, person))
  const outcomes: Outcome[] = []
  const keep = (outcome: Outcome): void => {
    outcomes.push(outcome)
    console.log(`${outcome.passed ? 'pass' : 'FAIL'}  ${outcome.revision}  ${outcome.scenario}`)
    for (const { id, status, errorMessage } of outcome.checks)
      if (status === 'FAILURE' || status === 'WARNING') console.log(`      ${status} ${id}: ${errorMessage ?? ''}`)
  }
  try {
    for (const revision of REVISIONS) {
      for (const scenario of (await listScenarios('server', revision)).filter((name) => only.test(name))) {
        keep(await runServerScenario(`${proxy.origin}/demo/everything/mcp`, { revision, scenarios: [scenario], results }))
      }
      for (const scenario of (await listScenarios('server', revision)).filter((name) => WITHOUT_TOOLS.has(name) && only.test(name))) {
        const run = { revision, scenarios: [scenario], results: join(results, 'static') }
        const outcome = await runServerScenario(`${staticProxy.origin}/demo/static/mcp`, run)
        keep({ ...outcome, scenario: `${scenario} (static version)` })
      }
      const scenarios = (await listScenarios('authorization', revision)).filter((name) => only.test(name))
      if (scenarios.length > 0)
        for (const outcome of await authorizationScenarios({ origin, url, person, revision, scenarios, results })) keep(outcome)
    }
  } finally {
    proxy.stop()
    staticProxy.stop()
  }
  return outcomes
}

/** Returns an access token, obtained like a client that has only the URL. */
async function accessToken(url: string, person: { email: string; password: string }): Promise<string> {
  const provider = new ScriptedProvider(person)
  const client = await connect(url, provider, { pin: '2026-07-28' })
  await client.close()
  const token = provider.stored.tokens?.access_token
  if (!token) throw new Error('The authorization returned no access token')
  return token
}

interface AuthorizationRun {
  origin: string
  url: string
  person: { email: string; password: string }
  revision: string
  scenarios: string[]
  results: string
}

/** The suite prints the URL to open in a browser and listens for the callback. */
async function authorizationScenarios({ origin, url, person, ...run }: AuthorizationRun): Promise<Outcome[]> {
  const issuer = url.slice(0, -'/mcp'.length)
  const redirectUri = `http://127.0.0.1:${CALLBACK_PORT}/callback`
  const registered = await fetch(`${issuer}/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ client_name: 'Conformance', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' }),
  })
  const { client_id: clientId } = (await registered.json()) as { client_id: string }
  const args = ['--url', issuer, '--client-id', clientId, '--resource', url, '--port', String(CALLBACK_PORT)]
  const approve = async (page: string): Promise<void> => {
    await fetch(await authorize(new Browser(origin), page, person))
  }
  return runAuthorizationScenarios(args, run, (line) => {
    if (line.startsWith(`${issuer}/authorize?`)) approve(line.trim()).catch((error: unknown) => console.error(error))
  })
}

function report(outcomes: Outcome[]): void {
  console.log('\nrevision     scenarios  passed  failed  checks')
  for (const revision of REVISIONS) {
    const rows = outcomes.filter((outcome) => outcome.revision === revision)
    const passed = rows.filter((row) => row.passed).length
    const checks = rows.reduce((sum, row) => sum + row.checks.filter(({ status }) => status === 'SUCCESS').length, 0)
    console.log([revision.padEnd(11), ...[rows.length, passed, rows.length - passed, checks].map((n) => String(n).padStart(8))].join(' '))
  }
  const passed = outcomes.filter((outcome) => outcome.passed).length
  console.log(`\n${passed} passed, ${outcomes.length - passed} failed`)
  if (passed !== outcomes.length || passed === 0) process.exitCode = 1
}
