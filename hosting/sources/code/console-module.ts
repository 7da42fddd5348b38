/** Limits of console output for one call. Code outside of calls has the same limits together. */
export const MAX_CALL_LINES = 500
export const MAX_CALL_CHARACTERS = 64 * 1024
/** Limit of one text. The log cuts lines at 8,192 characters. */
const MAX_TEXT = 8_000

/**
 * Returns the module that limits the console of a hosted server. The module runs in the tenant's
 * isolate before the tenant's code, because each line costs the process time before any tail gets
 * the line. Code that finds a way around costs no more than an endless loop.
 */
export function consoleModule(): string {
  return `import { AsyncLocalStorage } from 'node:async_hooks'

const newRoom = () => ({ lines: ${MAX_CALL_LINES}, characters: ${MAX_CALL_CHARACTERS}, dropped: 0 })
const rooms = new AsyncLocalStorage()
const outside = newRoom()
const warn = console.warn.bind(console)

export const inCall = (run) => {
  const room = newRoom()
  return rooms.run(room, async () => {
    try {
      return await run()
    } finally {
      if (room.dropped > 0) warn(room.dropped + ' more lines of this call were dropped')
    }
  })
}
const roomNow = () => rooms.getStore() ?? outside

const shorten = (part) =>
  typeof part === 'string' && part.length > ${MAX_TEXT} ? part.slice(0, ${MAX_TEXT}) + '… (' + (part.length - ${MAX_TEXT}) + ' characters more)' : part

const RETURNING = new Set(['Console', 'context', 'createTask'])
for (const name of Object.keys(console)) {
  const print = console[name]
  if (typeof print !== 'function' || RETURNING.has(name)) continue
  console[name] = (...given) => {
    if (name === 'assert' && given[0]) return
    const room = roomNow()
    if (room.lines === 0) {
      room.dropped++
      return
    }
    const parts = given.slice(0, 100).map(shorten)
    for (const part of parts) room.characters -= typeof part === 'string' ? part.length : 1
    room.lines = room.characters < 0 ? 0 : room.lines - 1
    if (room.characters < 0) room.dropped++
    else print.apply(console, parts)
    if (room.lines === 0) warn(${JSON.stringify(LIMIT_REACHED)})
  }
}

// the streams of Node print through the console, but each write costs much more than a line
for (const stream of [globalThis.process?.stdout, globalThis.process?.stderr]) {
  const write = stream?.write
  if (!write) continue
  stream.write = (...given) => {
    const room = roomNow()
    if (room.lines > 0) return write.apply(stream, given)
    room.dropped++
    return true
  }
}
`
}

const LIMIT_REACHED = `The limit of ${MAX_CALL_LINES} lines or ${MAX_CALL_CHARACTERS} characters for one call is reached, so further lines are dropped`
