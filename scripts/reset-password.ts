import { randomBytes } from 'node:crypto'
import { readAccount } from './accounts.ts'
import { CliError, main } from './cli.ts'
import { passwordHashing } from '../protocol/password.ts'

/**
 * Sets a new random password for a user, prints the password once, and ends all sign-ins by the old
 * password.
 */
await main(async () => {
  const { email, run } = await readAccount('reset-password', 'sets a new random password')
  const password = randomBytes(15).toString('base64url')
  const user = `(SELECT id FROM users WHERE email = '${email}')`
  const changed = await run(
    'Resetting the password',
    `UPDATE credentials SET password = '${await passwordHashing.hash(password)}', updated_at = unixepoch()
     WHERE provider_id = 'credential' AND user_id = ${user} RETURNING '${email}' AS email;
     DELETE FROM sign_ins WHERE user_id = ${user} AND tenant_id IS NULL`,
  )
  if (!changed) throw new CliError(`No account with a password found for ${email}.`)
  console.log(`New password of ${email}: ${password}\nThe user can change the password on the account page.`)
})
