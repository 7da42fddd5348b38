import type { BuildOptions } from 'esbuild-wasm'

/** esbuild options shared by the editor, `npm run deploy-server` and the examples. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'neutral',
  target: 'es2024',
  // resolves packages like workerd: workerd builds first, then browser builds
  conditions: ['workerd', 'worker', 'browser', 'import'],
  mainFields: ['module', 'main'],
  // the runtime loads uploaded text files the same way
  loader: { '.txt': 'text', '.html': 'text', '.md': 'text' },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  // maps positions in the bundle to the sources
  sourcemap: 'external',
  sourcesContent: false,
  outfile: 'server.js',
  logLevel: 'silent',
} as const satisfies BuildOptions

/** Name of the bundled module in an upload. */
export const BUNDLED_MODULE = 'server.js'
