import { env } from 'cloudflare:workers'

/** Returns a D1 binding that rejects the n-th and all later calls with `message`. */
export function failingFrom(call: number, message = 'D1_ERROR: Network connection lost.'): D1Database {
  let calls = 0
  const failed = () => Promise.reject(new Error(message))
  const broken = (database: D1Database): D1Database =>
    new Proxy(database, {
      get(target, name) {
        if (name === 'batch') return (statements: D1PreparedStatement[]) => (++calls >= call ? failed() : target.batch(statements))
        if (name === 'prepare') return (query: string) => statement(target.prepare(query))
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  const statement = (prepared: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(prepared, {
      get(target, name) {
        if (name === 'bind') return (...values: unknown[]) => statement(target.bind(...values))
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...values: unknown[]) => (++calls >= call ? failed() : value.apply(target, values))
      },
    })
  return broken(env.DB)
}
