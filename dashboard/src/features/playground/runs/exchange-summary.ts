import type { Exchange } from '../connection/wire-log.ts'

/** Returns the JSON-RPC method and the target, or the path of the URL. */
export function summaryOf({ request }: Exchange): string {
  const method = /"method"\s*:\s*"([^"]{1,100})"/.exec(request.body)?.[1]
  const name = /"params"\s*:\s*\{[^{}]*"(?:name|uri)"\s*:\s*"([^"]{1,200})"/.exec(request.body)?.[1]
  const { pathname } = new URL(request.url)
  if (method !== undefined) return name === undefined ? method : `${method} ${name}`
  return request.body.startsWith('{"result"') || request.body.includes('"result":') ? 'response to the server' : pathname
}
