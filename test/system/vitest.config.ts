import { defineConfig } from 'vitest/config'

/** In Node, against a platform of its own under `wrangler dev`, one file after the other: each starts and kills workerd as it likes. */
export default defineConfig({
  test: { include: ['test/system/**/*.test.ts'], fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 },
})
