import { CONSOLE_MODULE } from '../../../protocol/versions/bundle.ts'
import { NO_HANDLER } from './start-failure.ts'

/** Time for the code after the abort event of a call. */
const ABORT_GRACE_MS = 2_000

/**
 * Returns the module that passes requests to the version's default export, with `env.EVENTS`
 * adapted to the SDK's `ServerEventBus`. `waitUntil` keeps an event alive that the code does not
 * wait for, because an RPC is lost when the request ends. The console module is imported first, so
 * that the tenant's code sees only the limited console.
 */
export function entryModule(mainModule: string): string {
  return `import { inCall } from ${JSON.stringify(`./${CONSOLE_MODULE}`)}
import { waitUntil } from 'cloudflare:workers'
import * as exported from ${JSON.stringify(`./${mainModule}`)}

const main = exported.default
if (typeof main !== 'function' && typeof main?.fetch !== 'function') throw new TypeError(${JSON.stringify(NO_HANDLER)})

const busOver = (events) => ({
  publish(event) {
    const sent = Promise.resolve(events.publish(event))
    waitUntil(sent.catch(() => undefined))
    return sent
  },
  subscribe: () => () => undefined,
})

// the runtime would end an aborted call before the code after its abort event has run
const withGrace = (request, run) => {
  request?.signal?.addEventListener('abort', () => waitUntil(scheduler.wait(${ABORT_GRACE_MS})), { once: true })
  return inCall(run)
}

let ownEnv
const entry = {
  fetch(request, env, ctx) {
    ownEnv ??= { ...env, EVENTS: busOver(env.EVENTS) }
    return withGrace(request, () => main.fetch(request, ownEnv, ctx))
  },
}

// the class itself is exported, because its name and its statics belong to the tenant
const handler = typeof main === 'function' && main.prototype?.fetch
if (typeof handler === 'function')
  Reflect.defineProperty(main.prototype, 'fetch', {
    value(...given) {
      return withGrace(given[0], () => handler.apply(this, given))
    },
    configurable: true,
    writable: true,
  })

export default typeof main === 'function' ? main : entry
`
}
