import type { BuildOptions } from 'esbuild-wasm'

/** How a tool server becomes one module: in the browser, by `npm run deploy-server`, and for the examples, all the same. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'neutral',
  target: 'es2024',
  // as workerd resolves packages: what is written for it first, then for the web
  conditions: ['workerd', 'worker', 'browser', 'import'],
  mainFields: ['module', 'main'],
  // what runs it takes these as text, and an upload may bring them as files
  loader: { '.txt': 'text', '.html': 'text', '.md': 'text' },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  // where the bundle says a line and column, the map says which of whose file
  sourcemap: 'external',
  sourcesContent: false,
  outfile: 'server.js',
  logLevel: 'silent',
} as const satisfies BuildOptions

/** The one module's name in an upload. */
export const BUNDLED_MODULE = 'server.js'
