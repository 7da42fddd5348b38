import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { COUNT_SEALED_SQL } from '../store/count-sealed.ts'
import { CliError, main } from './cli.ts'
import { openAccount, type CloudflareAccount } from './cloudflare/api.ts'
import { DEFAULTS, deployConfig, writeDeployConfig } from './cloudflare/config.ts'
import { DEFAULT_PREFIX, resourceNames, type ResourceNames } from './cloudflare/names.ts'
import { ensureResources, queryDatabase } from './cloudflare/resources.ts'
import { ensureRoutes, type Routes } from './cloudflare/routes.ts'
import { chooseSettings, type Settings } from './cloudflare/settings.ts'
import { chooseVaultKey, type NewVaultKey } from './cloudflare/vault-key.ts'
import { findWorker, type DeployedWorker } from './cloudflare/worker.ts'
import { buildDashboard } from './dashboard.ts'
import { readCommand } from './options.ts'
import { newSecrets } from './state.ts'
import { ROOT, wrangler } from './wrangler.ts'

const USAGE = `PUBLIC_ORIGIN=https://mcp.example.com npm run deploy    deploys the platform to Cloudflare

Run the command again for each release.

Options
  --prefix NAME   start of the names of all resources (${DEFAULT_PREFIX}), for several platforms in an account
  --dry-run       checks and bundles without an account

Environment
  PUBLIC_ORIGIN, SERVER_HOST, SLUG_REST_DAYS,
  SIGN_UP, OPENID_…                               settings; a setting that is not set stays as deployed
  OPENID_CLIENT_SECRET, VAULT_KEY                 secrets; a secret that is not set stays as deployed
  CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID     the account; without them, that of "wrangler login"`

await main(async () => {
  const { values } = readCommand({ usage: USAGE, options: { prefix: { type: 'string' }, 'dry-run': { type: 'boolean' } } })
  const { prefix = DEFAULT_PREFIX, 'dry-run': dryRun } = values
  const names = resourceNames(prefix)
  if (dryRun) return deployDry(names)
  const account = await openAccount()
  const deployed = await findWorker(account, names)
  // checked before the first resource is created
  const settings = chooseSettings({ environment: process.env, deployed: deployed?.settings, defaults: DEFAULTS })
  checkProviderSecret(settings, deployed)
  const routes = await ensureRoutes(account, names, settings)
  const resources = await ensureResources(account, names)
  const vaultKey = await chooseVaultKey({
    given: process.env['VAULT_KEY'],
    isDeployed: deployed?.secrets.has('VAULT_KEY') ?? false,
    keysInUse: await findKeysInUse(account, resources.databaseId),
    prefix,
  })
  await buildDashboard()
  const config = await writeDeployConfig(names, deployConfig({ names, resources, settings, routes }))
  const secretsFile = join(ROOT, `.wrangler.deploy.${prefix}.env`)
  try {
    await writeSecrets(secretsFile, deployed, vaultKey)
    await wrangler('Applying migrations', ['d1', 'migrations', 'apply', 'DB', '--remote', '--config', config], account.env)
    await wrangler('Deploying', ['deploy', '--config', config, '--secrets-file', secretsFile], account.env)
  } finally {
    await Promise.all([rm(config, { force: true }), rm(secretsFile, { force: true })])
  }
  report(settings, { deployed, vaultKey, prefix })
})

async function deployDry(names: ResourceNames): Promise<void> {
  const settings = chooseSettings({ environment: process.env, deployed: undefined, defaults: DEFAULTS })
  await buildDashboard()
  const resources = { databaseId: 'dry-run', namespaceId: 'dry-run' }
  const routes: Routes = { workers_dev: false, preview_urls: false, routes: [] }
  const config = await writeDeployConfig(names, deployConfig({ names, resources, settings, routes }))
  try {
    console.log(await wrangler('The dry run', ['deploy', '--config', config, '--dry-run', '--outdir', join(ROOT, '.wrangler/dry-run')]))
  } finally {
    await rm(config, { force: true })
  }
}

/** A provider without its secret would leave the sign-in page without the provider's button. */
function checkProviderSecret(settings: Settings, deployed: DeployedWorker | undefined): void {
  if (!settings['OPENID_ISSUER'] || process.env['OPENID_CLIENT_SECRET'] || deployed?.secrets.has('OPENID_CLIENT_SECRET')) return
  throw new CliError('OPENID_ISSUER is set, but the platform has no OPENID_CLIENT_SECRET. Set it to the client secret of the provider.')
}

/** Returns the ids of the keys of sealed values. A new database has no sealed value. */
async function findKeysInUse(account: CloudflareAccount, databaseId: string): Promise<string[]> {
  const step = 'Reading the keys of sealed values'
  const sql = `SELECT name FROM sqlite_master WHERE name = 'identity_providers'`
  if ((await queryDatabase(account, databaseId, { step, sql })).length === 0) return []
  const rows = await queryDatabase<{ key: string }>(account, databaseId, { step, sql: COUNT_SEALED_SQL })
  return rows.map(({ key }) => key)
}

/** Writes the secrets to upload. Deployed secrets that the file leaves out stay. */
async function writeSecrets(file: string, deployed: DeployedWorker | undefined, vaultKey: NewVaultKey | undefined): Promise<void> {
  const generated = newSecrets().filter(([name]) => name !== 'VAULT_KEY' && !deployed?.secrets.has(name))
  const given = process.env['OPENID_CLIENT_SECRET']
  const secrets = Object.fromEntries([
    ...generated,
    ...(vaultKey ? [['VAULT_KEY', vaultKey.value]] : []),
    ...(given ? [['OPENID_CLIENT_SECRET', given]] : []),
  ]) as Record<string, string>
  // JSON, because wrangler expands `$` in the other format
  await writeFile(file, JSON.stringify(secrets), { mode: 0o600 })
}

function report(
  settings: Settings,
  made: { deployed: DeployedWorker | undefined; vaultKey: NewVaultKey | undefined; prefix: string },
): void {
  const { deployed, vaultKey, prefix } = made
  const origin = settings['PUBLIC_ORIGIN'] ?? ''
  const before = deployed?.settings['PUBLIC_ORIGIN']
  console.log(`Deployed to ${origin}.`)
  if (before && before !== origin)
    console.log(`The origin was ${before}. Every URL has changed, so apps must connect again with the new URLs.`)
  if (vaultKey?.file)
    console.log(
      `\nVAULT_KEY, which seals the tenants' secrets, is in ${vaultKey.file}. Cloudflare never shows it again. Move it to a password manager, then delete the file.`,
    )
  if (vaultKey && !vaultKey.file && deployed)
    console.log(`\nVAULT_KEY was replaced. "npm run reseal -- --remote" says when an old key may go.`)
  if (!deployed) {
    const options = prefix === DEFAULT_PREFIX ? '' : ` --prefix ${prefix}`
    console.log(`\nSign up at ${origin}/auth/sign-up, then run: npm run operator -- --remote${options} EMAIL`)
  }
}
