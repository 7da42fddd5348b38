import { readAccount } from './accounts.ts'
import { CliError, main } from './cli.ts'

/** Makes the user with the given e-mail address an operator. */
await main(async () => {
  const { email, run } = await readAccount('npm run operator -- sample@example.com')
  if (!(await run('Making an operator', `UPDATE users SET operator = 1 WHERE email = '${email}' RETURNING email`)))
    throw new CliError(`Nobody with the address ${email} has an account here: sign up first.`)
  console.log(`${email} is an operator now.`)
})
