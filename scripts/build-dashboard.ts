import { buildDashboard, SITE } from './dashboard.ts'
import { CliError, main } from './cli.ts'
import { readCommand } from './options.ts'
import { FIRST_LOAD_LIMIT, firstLoadBytes } from './first-load.ts'

/** Builds the dashboard if its sources have changed, and checks the size of the first load. */
await main(async () => {
  readCommand({ usage: 'npm run build:dashboard    builds the dashboard if a source has changed', options: {} })
  const built = await buildDashboard()
  const bytes = await firstLoadBytes(SITE)
  const size = `${(bytes / 1024).toFixed(1)} KB of compressed script`
  if (bytes > FIRST_LOAD_LIMIT) {
    throw new CliError(
      `The dashboard's first load is ${size}; the limit is ${FIRST_LOAD_LIMIT / 1024} KB. Load code with import() if a first visit does not need it.`,
    )
  }
  console.log(`The dashboard ${built ? 'was built' : 'is up to date'}. First load: ${size}.`)
})
