import type { OnResolveResult } from 'esbuild-wasm'

/** Node.js modules implemented by Cloudflare Workers. */
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

/** Stubs: the import succeeds, but most functions fail. */
const STUBS = [
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

/** Modules provided by the runtime, which stay out of the bundle. */
export const RUNTIME_MODULES: readonly string[] = [...[...WORKING, ...STUBS].map((name) => `node:${name}`), ...CLOUDFLARE]

const known = new Set(RUNTIME_MODULES)

/**
 * Resolves an import of a runtime module. Returns undefined for other imports. Node.js modules also
 * resolve without the `node:` prefix, because older packages omit the prefix.
 */
export function resolveRuntimeModule(path: string): OnResolveResult | undefined {
  const name = /^(?:node|cloudflare):/.test(path) ? path : `node:${path}`
  if (!known.has(name)) {
    if (name !== path) return undefined
    return refuse(`"${path}" does not exist on Cloudflare Workers`, 'There is no replacement. Remove the import.')
  }
  const isStub = STUBS.includes(name.replace(/^node:/, ''))
  const text = `"${path}" is a stub on Cloudflare Workers. Most of its functions fail.`
  return { path: name, external: true, warnings: isStub ? [{ text }] : [] }
}

/** An import error with a suggested fix. */
export function refuse(text: string, hint?: string): OnResolveResult {
  return { errors: [{ text, ...(hint === undefined ? {} : { notes: [{ text: hint }] }) }] }
}
