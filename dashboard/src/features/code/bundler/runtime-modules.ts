import type { OnResolveResult } from 'esbuild-wasm'

/** Modules of Node's that Cloudflare Workers bring along. */
const WORKING = [
  'assert',
  'assert/strict',
  'async_hooks',
  'buffer',
  'console',
  'constants',
  'crypto',
  'diagnostics_channel',
  'dns',
  'dns/promises',
  'events',
  'fs',
  'fs/promises',
  'http',
  'https',
  'module',
  'net',
  'os',
  'path',
  'path/posix',
  'path/win32',
  'perf_hooks',
  'process',
  'punycode',
  'querystring',
  'readline',
  'readline/promises',
  'stream',
  'stream/consumers',
  'stream/promises',
  'stream/web',
  'string_decoder',
  'sys',
  'timers',
  'timers/promises',
  'tls',
  'trace_events',
  'tty',
  'url',
  'util',
  'util/types',
  'v8',
  'zlib',
]

/** There in name: importing one is fine, and what it is for in Node it cannot do. */
const IN_NAME_ONLY = [
  'child_process',
  'cluster',
  'dgram',
  'domain',
  'http2',
  'inspector',
  'inspector/promises',
  'repl',
  'sqlite',
  'test',
  'vm',
  'wasi',
  'worker_threads',
]

const CLOUDFLARE = ['cloudflare:workers', 'cloudflare:sockets', 'cloudflare:workflows', 'cloudflare:node']

/** What may be imported by these very names: the runtime has it, so that it stays out of the bundle. */
export const RUNTIME_MODULES: readonly string[] = [...[...WORKING, ...IN_NAME_ONLY].map((name) => `node:${name}`), ...CLOUDFLARE]

const known = new Set(RUNTIME_MODULES)

/**
 * An import of one of the runtime's own modules, for esbuild; undefined for any other. Node's are also known without `node:` in front, as older packages
 * write them.
 */
export function resolveRuntimeModule(path: string): OnResolveResult | undefined {
  const name = /^(?:node|cloudflare):/.test(path) ? path : `node:${path}`
  if (!known.has(name)) {
    if (name !== path) return undefined
    return refuse(`Cloudflare Workers have no module "${path}"`, 'Nothing can stand in for it: do without.')
  }
  const inNameOnly = IN_NAME_ONLY.includes(name.replace(/^node:/, ''))
  const text = `"${path}" is there in name only on Cloudflare Workers: what it is for in Node it cannot do`
  return { path: name, external: true, warnings: inNameOnly ? [{ text }] : [] }
}

/** An import that cannot be, and what to do about it. */
export function refuse(text: string, hint?: string): OnResolveResult {
  return { errors: [{ text, ...(hint === undefined ? {} : { notes: [{ text: hint }] }) }] }
}
