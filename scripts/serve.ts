import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRequire } from 'node:module'
import { convertV4MiniflareOptions, Miniflare, NoOpLog } from 'miniflare'
import { readConsole } from './console-lines.ts'
import { EndedSessions } from './ended-sessions.ts'
import { ROOT } from './root.ts'

/**
 * Runs the bundled Worker in workerd by Miniflare's API. The supervisor sends the settings and
 * restarts this process. workerd listens on the port itself: no proxy, no inspector and no trace
 * store stand beside the platform.
 */

/** Settings from the supervisor. They contain secrets, so they come by IPC and not as arguments. */
export interface ServeSettings {
  build: string
  persistPath: string
  port: number
  /** Values of `[vars]` and the secrets. */
  bindings: Record<string, string>
}

/** Interval of the cron trigger in wrangler.toml. */
const CRON_INTERVAL_MS = 10 * 60_000
const ENDED_SESSIONS_INTERVAL_MS = 60_000
const FIRST_CLEANUP_MS = 2_000
/** Path of the program that Miniflare would start. */
const { default: workerd } = createRequire(fileURLToPath(import.meta.resolve('miniflare')))('workerd') as { default: string }
const WORKERD_SCRIPT = fileURLToPath(new URL('./workerd.sh', import.meta.url))
const WORKER = 'wharf' // part of the storage paths of Durable Objects

/** If the restart of workerd fails here, the supervisor restarts this process. */
class RestartLog extends NoOpLog {
  override error(error: Error): void {
    console.error(String(error))
    if ('code' in error && error.code === 'ERR_RUNTIME_FAILURE') process.exit(1)
  }
}

process.channel?.ref() // the preload lets a process end that waits only for its parent
process.once('message', (settings) => {
  serve(settings as ServeSettings).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})

async function serve({ build, persistPath, port, bindings }: ServeSettings): Promise<void> {
  const [options, contents] = await Promise.all([
    readFile(join(build, 'worker.json'), 'utf8').then((text) => JSON.parse(text) as Record<string, unknown>),
    readFile(join(build, 'index.js'), 'utf8'),
  ])
  // a tenant can neither read nor guess the marks
  const [lineMark, moduleMark] = [randomUUID(), randomUUID()]
  const consolePipe = join(build, 'console')
  await readConsole(consolePipe, [lineMark, moduleMark], (message) => printPlatformLine(message, { lineMark, moduleMark }))
  process.env['MINIFLARE_WORKERD_PATH'] = WORKERD_SCRIPT
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      rootPath: ROOT,
      workers: [
        {
          ...options,
          name: WORKER,
          modules: [{ type: 'ESModule', path: `${moduleMark}.js`, contents }],
          bindings: { ...bindings, LOG_MARK: lineMark },
        },
        {
          name: 'front',
          script: 'export default {}',
          modules: true,
          compatibilityDate: '2026-10-01',
          // a socket of a Worker with assets would pass two Workers that route to assets
          unsafeDirectSockets: [{ host: '127.0.0.1', port, serviceName: WORKER }],
        },
      ],
      host: '127.0.0.1',
      resourcePersistencePath: persistPath,
      log: new RestartLog(),
      logRequests: false,
      cf: false,
      telemetry: { enabled: false },
      unsafeTriggerHandlers: true, // at Miniflare's socket, and not at the platform's port
      unsafeLocalExplorer: false,
      unsafeObservability: false,
      unsafeInspectDurableObjects: false,
      unsafeRuntimeEnv: { WHARF_WORKERD: workerd, WHARF_CONSOLE: consolePipe },
      // standard error of workerd, which holds the reason of a crash
      handleStructuredLogs: ({ message }) => printPlatformLine(message, { lineMark, moduleMark }),
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  )
  await miniflare.ready
  // a proxy of Miniflare, as `getWorker` returns, would end this process when workerd is killed
  const sweep = () => miniflare.dispatchFetch('http://localhost/cdn-cgi/local/scheduled').then((response) => response.text())
  setInterval(() => void sweep().catch(() => {}), CRON_INTERVAL_MS)
  const endedSessions = new EndedSessions(persistPath)
  setTimeout(() => void endedSessions.remove(), FIRST_CLEANUP_MS)
  setInterval(() => void endedSessions.remove(), ENDED_SESSIONS_INTERVAL_MS)
}

/**
 * Prints only lines of the platform. Lines of tenants' code are in the activity of their server,
 * and would look here like errors of the platform. An exception that the platform does not catch
 * names the platform's module.
 */
function printPlatformLine(message: string, { lineMark, moduleMark }: { lineMark: string; moduleMark: string }): void {
  if (message.startsWith(lineMark)) console.log(message.slice(lineMark.length + 1))
  else if (message.includes(moduleMark)) console.log(message.replaceAll(moduleMark, 'platform'))
}
