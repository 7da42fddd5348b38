import { env } from 'cloudflare:workers'

/** The moment at which a platform dies: before or after D1 has run its n-th call. */
export interface Death {
  call: number
  moment: 'before' | 'after'
}

/**
 * Returns a D1 binding that rejects the n-th and all later calls. With `after`, D1 still runs the
 * n-th call. `calls` is the number of calls so far.
 */
export function dyingAt({ call, moment }: Death): { database: D1Database; calls: () => number } {
  let calls = 0
  const died = () => Promise.reject(new Error('D1_ERROR: Network connection lost.'))
  const attempt = async (run: () => Promise<unknown>): Promise<unknown> => {
    const turn = ++calls
    if (turn > call || (turn === call && moment === 'before')) return died()
    const result = await run()
    return turn === call ? died() : result
  }
  const originals = new WeakMap<object, D1PreparedStatement>()
  const statement = (prepared: D1PreparedStatement): D1PreparedStatement => {
    const wrapped = new Proxy(prepared, {
      get(target, name) {
        if (name === 'bind') return (...values: unknown[]) => statement(target.bind(...values))
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...values: unknown[]) => attempt(() => value.apply(target, values) as Promise<unknown>)
      },
    })
    originals.set(wrapped, prepared)
    return wrapped
  }
  const database = new Proxy(env.DB, {
    get(target, name) {
      if (name === 'batch') {
        return (statements: D1PreparedStatement[]) => attempt(() => target.batch(statements.map((each) => originals.get(each) ?? each)))
      }
      if (name === 'prepare') return (query: string) => statement(target.prepare(query))
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { database, calls: () => calls }
}
