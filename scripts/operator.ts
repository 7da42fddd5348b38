import { parseArgs } from 'node:util'
import { isSlug } from '../protocol/location.ts'
import { text } from '../protocol/api/fields.ts'
import { resumeSql, suspendSql, tenantsSql, type TenantRow } from '../store/tenants/suspension-sql.ts'
import { CliError, HelpRequest, main } from './cli.ts'
import { DATABASE_OPTIONS, DATABASE_USAGE, databaseLocation, openDatabase, type Database } from './database.ts'
import { findNearest } from './nearest.ts'

const USAGE = `npm run operator -- EMAIL                       makes the user an operator
npm run operator -- suspend TENANT --why TEXT   stops the tenant: calls, tokens, sign-in and deploys
npm run operator -- resume TENANT               lets the tenant continue
npm run operator -- status [TENANT]             shows the tenant, or every suspended tenant

The tenant's members and the users of its servers read the text of --why. A suspension takes effect
within 10 seconds and deletes nothing.

Options
${DATABASE_USAGE}`

const OPTIONS = {
  ...DATABASE_OPTIONS,
  why: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

const MAX_WHY = 500

interface Command {
  database: Database
  args: string[]
  why: string | undefined
}

const COMMANDS: Record<string, (command: Command) => Promise<void>> = { suspend, resume, status }

/** Checks of the arguments, before the database is opened. */
const CHECKS: Record<string, (tenant: string | undefined, why: string | undefined) => void> = {
  suspend(tenant, why) {
    mustBeSlug(tenant)
    if (!why?.trim()) throw fault('--why is missing. The members of the tenant and the users of its servers read the text.')
    if (why.length > MAX_WHY) throw fault(`--why must have at most ${MAX_WHY} characters.`)
    const parsed = text(MAX_WHY).safeParse(why)
    if (!parsed.success) throw fault(`--why ${parsed.error.issues[0]?.message}.`)
  },
  resume: mustBeSlug,
  status: (tenant) => (tenant === undefined ? undefined : mustBeSlug(tenant)),
}

await main(async () => {
  const { values, positionals } = parse()
  if (values.help) throw new HelpRequest(USAGE)
  const [first, ...rest] = positionals
  if (first === undefined) throw fault('EMAIL is missing.')
  const command = COMMANDS[first]
  if (!command && !first.includes('@')) {
    const nearest = findNearest(first, Object.keys(COMMANDS))
    throw fault(`"${first}" is neither a command nor an e-mail address.${nearest ? ` Did you mean ${nearest}?` : ''}`)
  }
  if (values.why !== undefined && first !== 'suspend') throw fault('--why belongs to the command suspend.')
  const args = command ? rest : positionals
  const extra = args[1]
  if (extra !== undefined)
    throw fault(`Unknown argument "${extra}".${first === 'suspend' ? ' Put the text of --why in quotation marks.' : ''}`)
  const check = CHECKS[first]
  check?.(args[0], values.why)
  const database = await openDatabase(databaseLocation(values))
  await (command ?? makeOperator)({ database, args, why: values.why?.trim() })
})

function mustBeSlug(tenant: string | undefined): void {
  if (tenant === undefined) throw fault('TENANT is missing.')
  if (!isSlug(tenant)) throw fault(`"${tenant}" is not the slug of a tenant. A slug is part of the URLs of the tenant's servers.`)
}

function parse() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true })
  } catch (error) {
    const { message } = error as Error
    const [, option] = /'--?([^' ]+)/.exec(message) ?? []
    const nearest = option ? findNearest(option, Object.keys(OPTIONS)) : undefined
    throw fault(`${message.split('. ')[0]}.${nearest && nearest !== option ? ` Did you mean --${nearest}?` : ''}`)
  }
}

function fault(message: string): CliError {
  return new CliError(`${message}\n\n${USAGE}`)
}

async function makeOperator({ database, args: [address = ''] }: Command): Promise<void> {
  if (!/^[^\s'"\\;]+@[^\s'"\\;]+$/.test(address)) throw fault(`"${address}" is not an e-mail address.`)
  const email = address.toLowerCase()
  const changed = await database.query('Changing the account', `UPDATE users SET operator = 1 WHERE email = '${email}' RETURNING email`)
  if (changed.length === 0) throw new CliError(`No account found for ${email}. Sign up first.`)
  console.log(`${email} is now an operator.`)
}

async function suspend({ database, args: [tenant = ''], why = '' }: Command): Promise<void> {
  const found = await database.query('Suspending the tenant', suspendSql(tenant, why, new Date()))
  if (found.length === 0) throw unknownTenant(tenant)
  console.log(`${tenant} is suspended: ${why}\nCalls, tokens, sign-in and deploys stop within 10 seconds. To let the tenant continue:`)
  console.log(`  npm run operator -- resume ${tenant}`)
}

async function resume({ database, args: [tenant = ''] }: Command): Promise<void> {
  const resumed = await database.query('Resuming the tenant', resumeSql(tenant, new Date()))
  if (resumed.length > 0) return console.log(`${tenant} continues. Its tokens, grants and sessions are valid as before.`)
  const found = await database.query('Finding the tenant', tenantsSql(tenant))
  if (found.length === 0) throw unknownTenant(tenant)
  console.log(`${tenant} was not suspended.`)
}

async function status({ database, args: [tenant] }: Command): Promise<void> {
  const rows = await database.query<TenantRow>('Listing tenants', tenantsSql(tenant))
  if (rows.length === 0) {
    if (tenant !== undefined) throw unknownTenant(tenant)
    return console.log('No tenant is suspended.')
  }
  for (const { slug, name, owners, servers, suspendedAt, why } of rows) {
    const since =
      suspendedAt === null ? 'active' : `suspended since ${new Date(suspendedAt * 1000).toISOString()}: ${why ?? 'no reason given'}`
    console.log(`${slug} (${name}): ${since}`)
    console.log(`  ${servers} ${servers === 1 ? 'server' : 'servers'}; owners: ${owners ?? 'none'}`)
  }
}

function unknownTenant(tenant: string): CliError {
  return new CliError(`No tenant has the slug "${tenant}".`)
}
