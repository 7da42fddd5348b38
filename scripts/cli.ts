/** Error that the user of a command can fix. The message is printed without a stack trace. */
export class CliError extends Error {
  override name = 'CliError'
}

/** Request for the usage of a command, which is an answer and no error. */
export class HelpRequest extends Error {
  override name = 'HelpRequest'
}

/**
 * Runs a script. Prints the message of a CliError, or the stack of any other error, and exits with
 * 1. Prints a requested usage and exits with 0.
 */
export async function main(run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (error instanceof HelpRequest) return console.log(error.message)
    console.error(error instanceof CliError ? error.message : error)
    process.exitCode = 1
  }
}
