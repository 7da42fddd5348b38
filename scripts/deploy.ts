import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildDashboard } from './dashboard.ts'
import { CliError, main } from './cli.ts'
import { newSecrets } from './state.ts'
import { NON_INTERACTIVE_ENV, ROOT, wrangler } from './wrangler.ts'

/**
 * Copy of wrangler.toml with the account's ids, in the same folder because its paths are relative.
 */
const CONFIG = join(ROOT, 'wrangler.deploy.toml')
const SECRETS = join(ROOT, '.wrangler.deploy.env')
/** Environment of commands for the user's account. */
const ENV = { ...NON_INTERACTIVE_ENV, CI: undefined }

/**
 * Deploys to Cloudflare. Creates missing resources and applies migrations. `--dry-run` skips every
 * step that needs an account.
 */
await main(async () => {
  const dryRun = process.argv.includes('--dry-run')
  const origin = process.env['PUBLIC_ORIGIN'] ?? ''
  if (!/^https:\/\/[a-z0-9.-]+(:\d+)?$/.test(origin))
    throw new CliError('Set PUBLIC_ORIGIN to the https origin of the platform, for example https://mcp.example.com.')
  try {
    await buildDashboard()
    const [database, namespace] = dryRun ? ['dry-run', 'dry-run'] : [await ensureDatabase(), await ensureNamespace()]
    await writeFile(CONFIG, await configFor(origin, database, namespace))
    const deploy = ['deploy', '--config', CONFIG]
    if (dryRun) {
      console.log(await wrangler('The dry run', [...deploy, '--dry-run', '--outdir', join(ROOT, '.wrangler/dry-run')]))
      return
    }
    await ensureBucket()
    await wrangler('Applying migrations', ['d1', 'migrations', 'apply', 'DB', '--remote', '--config', CONFIG], { ...ENV, CI: 'true' })
    console.log(await wrangler('Deploying', [...deploy, ...(await missingSecrets())], ENV))
    console.log(`Deployed. Sign up at ${origin}/auth/sign-up, then run: npm run operator -- --remote EMAIL`)
  } finally {
    await Promise.all([rm(CONFIG, { force: true }), rm(SECRETS, { force: true })])
  }
})

async function configFor(origin: string, database: string, namespace: string): Promise<string> {
  let text = await readFile(join(ROOT, 'wrangler.toml'), 'utf8')
  const changes: [RegExp, string][] = [
    [/^PUBLIC_ORIGIN = .*$/m, `PUBLIC_ORIGIN = ${JSON.stringify(origin)}`],
    [/^SERVER_HOST = .*$/m, `SERVER_HOST = ${JSON.stringify(process.env['SERVER_HOST'] ?? '')}`],
    [/^SIGN_UP = .*$/m, `SIGN_UP = ${JSON.stringify(process.env['SIGN_UP'] ?? 'open')}`],
    ...(['OPENID_ISSUER', 'OPENID_CLIENT_ID', 'OPENID_NAME', 'OPENID_TRUSTS_EMAILS'] as const).map((name): [RegExp, string] => [
      new RegExp(`^${name} = .*$`, 'm'),
      `${name} = ${JSON.stringify(process.env[name] ?? '')}`,
    ]),
    [/^OPENID_CLIENT_SECRET = .*$/m, ''], // a variable would replace the secret of this name
    [/^database_id = .*$/m, `database_id = ${JSON.stringify(database)}`],
    [/^id = .*$/m, `id = ${JSON.stringify(namespace)}`],
  ]
  for (const [line, replacement] of changes) {
    if (!line.test(text)) throw new Error(`wrangler.toml has no line ${line.source}`)
    text = text.replace(line, () => replacement)
  }
  return text
}

async function ensureDatabase(): Promise<string> {
  const find = async (): Promise<string | undefined> => {
    const all = JSON.parse(await wrangler('Listing databases', ['d1', 'list', '--json'], ENV)) as { name: string; uuid: string }[]
    return all.find(({ name }) => name === 'wharf')?.uuid
  }
  const id = (await find()) ?? (await wrangler('Creating the database', ['d1', 'create', 'wharf'], ENV), await find())
  if (!id) throw new CliError('The D1 database wharf was created but is not listed yet. Run the command again.')
  return id
}

async function ensureNamespace(): Promise<string> {
  const find = async (): Promise<string | undefined> => {
    const all = JSON.parse(await wrangler('Listing KV namespaces', ['kv', 'namespace', 'list'], ENV)) as { title: string; id: string }[]
    return all.find(({ title }) => title === 'wharf-metadata')?.id
  }
  const id =
    (await find()) ?? (await wrangler('Creating the KV namespace', ['kv', 'namespace', 'create', 'wharf-metadata'], ENV), await find())
  if (!id) throw new CliError('The KV namespace wharf-metadata was created but is not listed yet. Run the command again.')
  return id
}

async function ensureBucket(): Promise<void> {
  const listed = await wrangler('Listing buckets', ['r2', 'bucket', 'list'], ENV)
  if (!/^name:\s+wharf-bundles$/m.test(listed)) await wrangler('Creating the bucket', ['r2', 'bucket', 'create', 'wharf-bundles'], ENV)
}

/**
 * Returns options to set missing secrets. Existing secrets stay, because a new VAULT_KEY would make
 * sealed data unreadable.
 */
async function missingSecrets(): Promise<string[]> {
  const listed = await wrangler('Listing secrets', ['secret', 'list', '--config', CONFIG], ENV).catch((error: unknown) => {
    // 10007 means that the Worker does not exist
    if (error instanceof CliError && error.message.includes('10007')) return '[]'
    throw error
  })
  const known = new Set((JSON.parse(listed) as { name: string }[]).map(({ name }) => name))
  const missing = newSecrets().filter(([name]) => !known.has(name))
  if (missing.length === 0) return []
  await writeFile(SECRETS, missing.map(([name, value]) => `${name}=${value}\n`).join(''), { mode: 0o600 })
  return ['--secrets-file', SECRETS]
}
