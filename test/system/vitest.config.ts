import { defineConfig } from 'vitest/config'

/**
 * Runs in Node. Each file starts and kills its own platform. Two files run at
 * a time, because they mostly wait.
 */
export default defineConfig({
  test: {
    include: ['test/system/**/*.test.ts'],
    // builds once, before two platforms start together
    globalSetup: 'test/support/build-dashboard.ts',
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 180_000,
  },
})
