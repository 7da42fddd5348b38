/** Something the person at the terminal can put right. Its message is one sentence; no stack is shown. */
export class CliError extends Error {
  override name = 'CliError'
}

/** Runs a script's main: a CliError ends it with its sentence alone, anything else with its stack; the exit code is 1 either way. */
export async function main(run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    console.error(error instanceof CliError ? error.message : error)
    process.exitCode = 1
  }
}
