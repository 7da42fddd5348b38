/** Error that the user of a command can fix. The message is printed without a stack trace. */
export class CliError extends Error {
  override name = 'CliError'
}

/**
 * Runs a script. Prints the message of a CliError, or the stack of any other error, and exits with
 * 1.
 */
export async function main(run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    console.error(error instanceof CliError ? error.message : error)
    process.exitCode = 1
  }
}
