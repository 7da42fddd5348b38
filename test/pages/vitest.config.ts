import { defineConfig } from 'vitest/config'

/** In Node, with a real Chromium and a platform under `wrangler dev`; one file after the other, since each has a platform of its own. */
export default defineConfig({
  test: { include: ['test/pages/**/*.test.ts'], fileParallelism: false, testTimeout: 240_000, hookTimeout: 240_000 },
})
