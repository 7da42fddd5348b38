import { NO_HANDLER } from './start-failure.ts'

/**
 * Returns the module that passes requests to the version's default export, with `env.EVENTS`
 * adapted to the SDK's `ServerEventBus`. `waitUntil` keeps an event alive that the code does not
 * wait for, because an RPC is lost when the request ends.
 */
export function entryModule(mainModule: string): string {
  return `import { waitUntil } from 'cloudflare:workers'
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

let ownEnv
const entry = {
  fetch(request, env, ctx) {
    ownEnv ??= { ...env, EVENTS: busOver(env.EVENTS) }
    return main.fetch(request, ownEnv, ctx)
  },
}

export default typeof main === 'function' ? main : entry
`
}
