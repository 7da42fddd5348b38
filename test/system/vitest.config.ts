import { defineConfig } from 'vitest/config'

/** In Node. Each file has a platform of its own under `wrangler dev`, which it starts and kills as it likes; two at a time, since they mostly wait. */
export default defineConfig({
  test: {
    include: ['test/system/**/*.test.ts'],
    // once, and not by two platforms that start together
    globalSetup: 'test/support/build-dashboard.ts',
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 180_000,
  },
})
