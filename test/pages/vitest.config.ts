import { defineConfig } from 'vitest/config'

/**
 * Runs in Node, with a real Chromium and a platform. Runs two files at a time.
 */
export default defineConfig({
  test: {
    include: ['test/pages/**/*.test.ts'],
    globalSetup: 'test/pages/setup.ts',
    maxWorkers: 2,
    testTimeout: 600_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 15_000 } },
  },
})
