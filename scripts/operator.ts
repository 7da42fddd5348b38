import { tmpdir } from 'node:os'
import { Fault, main } from './fault.ts'
import { readOptions } from './options.ts'
import { openState } from './state.ts'
import { wrangler } from './wrangler.ts'

/** Makes the user with this e-mail address an operator; `--remote` does it on Cloudflare. */
await main(async () => {
  const remote = process.argv.includes('--remote')
  process.argv = process.argv.filter((each) => each !== '--remote')
  const { stateDirectory, rest } = readOptions()
  const [email, ...more] = rest
  if (!email || more.length > 0 || !/^[^\s'"\\;]+@[^\s'"\\;]+$/.test(email))
    throw new Fault('Whose e-mail address? For example: npm run operator -- sample@example.com')
  // away from wrangler.toml, whose id is the local database's: the account finds it by name
  const where = remote ? ['--remote', '--cwd', tmpdir()] : ['--local', '--persist-to', (await openState(stateDirectory)).data]
  const sql = `UPDATE users SET operator = 1 WHERE email = '${email.toLowerCase()}' RETURNING email`
  const output = await wrangler('Making an operator', ['d1', 'execute', remote ? 'wharf' : 'DB', ...where, '--json', '--command', sql])
  if (!output.includes(`"email": "${email.toLowerCase()}"`))
    throw new Fault(`Nobody with the address ${email} has an account here: sign up first.`)
  console.log(`${email} is an operator now.`)
})
