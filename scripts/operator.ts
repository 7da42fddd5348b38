import { readAccount } from './accounts.ts'
import { CliError, main } from './cli.ts'

/** Makes the user with the given e-mail address an operator. */
await main(async () => {
  const { email, run } = await readAccount('operator', 'makes the user an operator')
  if (!(await run('Changing the account', `UPDATE users SET operator = 1 WHERE email = '${email}' RETURNING email`)))
    throw new CliError(`No account found for ${email}. Sign up first.`)
  console.log(`${email} is now an operator.`)
})
