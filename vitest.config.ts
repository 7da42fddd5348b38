import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { outside } from './test/support/outside.ts'

// wrangler reads the secrets required by wrangler.toml from the environment
Object.assign(process.env, { AUTH_SECRET: 'x'.repeat(43), SESSION_KEY: 'y'.repeat(43), VAULT_KEY: `test:${'A'.repeat(43)}` })

// runs for minutes: FLOOD=10000 npm test -- floods
const { FLOOD } = process.env

export default defineConfig({
  plugins: [
    cloudflareTest(async ({ inject }) => ({
      wrangler: { configPath: './wrangler.toml' },
      miniflare: {
        outboundService: outside,
        bindings: {
          OPENID_ISSUER: 'https://idp.example',
          OPENID_CLIENT_ID: 'wharf',
          OPENID_CLIENT_SECRET: 'the secret of wharf',
          OPENID_NAME: 'Example ID',
          DEV_ORIGINS: JSON.stringify(inject('loopbackHosts')),
          TEST_MIGRATIONS: await readD1Migrations('migrations'),
        },
      },
    })),
  ],
  test: {
    provide: { flood: Number(FLOOD ?? 0) },
    include: ['test/**/*.test.ts', 'dashboard/src/**/*.test.ts'],
    exclude: ['test/system/**', 'test/conformance/**', 'test/pages/**', ...(FLOOD ? [] : ['test/oauth/floods.test.ts'])],
    globalSetup: [
      'test/support/build-dashboard.ts',
      'test/support/bundle-examples.ts',
      'test/support/tcp-greeter.ts',
      'test/support/loopback-hosts.ts',
    ],
    setupFiles: ['test/support/migrate.ts'],
    // a file is one worker with its own runtime, and waits half of the time
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
})
