import { defineConfig } from 'vitest/config'

/** In Node, with a real Chromium and a platform under `wrangler dev`, one file after the other. */
export default defineConfig({
  test: {
    include: ['test/pages/**/*.test.ts'],
    globalSetup: 'test/pages/setup.ts',
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 15_000 } },
  },
})
