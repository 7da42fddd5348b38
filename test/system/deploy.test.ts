import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ROOT } from '../../scripts/wrangler.ts'
import { ACCOUNT, startCloudflare, type CloudflareStandIn } from './cloudflare-stand-in.ts'

let cloudflare: CloudflareStandIn
/** Own prefix for each test, because the vault key's file is named after the prefix. */
let prefix: string
const origin = 'https://mcp.example.com'

beforeEach(async () => {
  cloudflare = await startCloudflare()
  prefix = `t${randomBytes(4).toString('hex')}`
})
afterEach(async () => {
  await cloudflare.close()
  await rm(keyFile(), { force: true })
})

const keyFile = () => join(ROOT, `vault-key.${prefix}.env`)
const worker = () => cloudflare.workers.get(prefix)
const variable = (name: string) => worker()?.bindings.find((binding) => binding.name === name)?.['text']
const key = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`

/** Deploys under the prefix of the test. */
const deploy = (env: Record<string, string> = {}, args: string[] = []) => run('deploy', ['--prefix', prefix, ...args], env)

/** Stores the part of a row that matters, without the rows that a whole tenant needs. */
function sealProvider(id: string, envelope: string): void {
  cloudflare.databases.get(prefix)?.sqlite.exec(`
    PRAGMA foreign_keys = off;
    INSERT INTO identity_providers (id, tenant_id, name, issuer, client_secret, created_at, updated_at)
    VALUES ('${id}', 't', 'Okta', 'https://${id}.example.com', '${envelope}', 0, 0)`)
}

/** Runs a script against the stand-in, with nothing else of this machine's environment. */
async function run(script: string, args: string[], env: Record<string, string> = {}): Promise<{ code: number | null; output: string }> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['scripts/run.js', script, ...args], {
    cwd: ROOT,
    env: { PATH, HOME, CLOUDFLARE_API_BASE_URL: cloudflare.url, CLOUDFLARE_API_TOKEN: 'token', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, output }
}

describe('the first deployment', () => {
  it('creates all resources under the prefix and serves PUBLIC_ORIGIN as a custom domain', async () => {
    const { code, output } = await deploy({ PUBLIC_ORIGIN: origin })
    expect(output).toContain(`Deployed to ${origin}.`)
    expect(code).toBe(0)

    expect([...cloudflare.databases.keys()]).toEqual([prefix])
    expect([...cloudflare.namespaces.keys()]).toEqual([`${prefix}-metadata`])
    expect([...cloudflare.buckets]).toEqual([`${prefix}-bundles`])
    expect(Object.fromEntries(cloudflare.domains)).toEqual({ 'mcp.example.com': prefix })
    expect(cloudflare.workersDev.get(prefix)).toBe(false)
    expect(cloudflare.crons.get(prefix)).toEqual(['*/10 * * * *'])
    const tables = cloudflare.databases.get(prefix)?.sqlite.prepare(`SELECT name FROM sqlite_master WHERE name = 'tenants'`).all()
    expect(tables).toHaveLength(1)
    expect(worker()?.assets).toBe(true)
    expect(variable('SIGN_UP')).toBe('open')
    expect(worker()?.bindings.map(({ name }) => name)).not.toContain('DEV_ORIGINS')
  })

  it('hands VAULT_KEY over in a private file and never prints the key', async () => {
    const { output } = await deploy({ PUBLIC_ORIGIN: origin })
    const kept = /^VAULT_KEY=(k\d{8}:[\w-]{43})$/m.exec(await readFile(keyFile(), 'utf8'))?.[1]
    expect(kept).toBeDefined()
    expect(worker()?.secrets.get('VAULT_KEY')).toBe(kept)
    expect((await stat(keyFile())).mode & 0o777).toBe(0o600)
    expect(output).toContain(`vault-key.${prefix}.env`)
    for (const secret of worker()?.secrets.values() ?? []) expect(output).not.toContain(secret)
  })

  it('takes VAULT_KEY from the operator and writes no file', async () => {
    const given = key('mine')
    const { code } = await deploy({ PUBLIC_ORIGIN: origin, VAULT_KEY: given })
    expect(code).toBe(0)
    expect(worker()?.secrets.get('VAULT_KEY')).toBe(given)
    await expect(stat(keyFile())).rejects.toThrow('ENOENT')
  })

  it('serves a workers.dev origin without a route', async () => {
    const { code } = await deploy({ PUBLIC_ORIGIN: `https://${prefix}.acme.workers.dev` })
    expect(code).toBe(0)
    expect(cloudflare.workersDev.get(prefix)).toBe(true)
    expect(cloudflare.domains.size + cloudflare.routes.size).toBe(0)
  })

  it('makes a wildcard route with a DNS record for SERVER_HOST', async () => {
    const { code } = await deploy({ PUBLIC_ORIGIN: origin, SERVER_HOST: '*.tools.example.com' })
    expect(code).toBe(0)
    expect(Object.fromEntries(cloudflare.routes)).toEqual({ '*.tools.example.com/*': prefix })
    expect(cloudflare.records).toMatchObject([{ type: 'AAAA', name: '*.tools.example.com', proxied: true }])
  })

  it('shares no counter of a rate limit with a second platform in the account', async () => {
    const limits = () =>
      worker()
        ?.bindings.filter(({ type }) => type === 'ratelimit')
        .map((binding) => binding['namespace_id']) ?? []
    await deploy({ PUBLIC_ORIGIN: origin })
    const first = limits()
    await rm(keyFile(), { force: true })
    prefix = `${prefix}-two`
    expect(await deploy({ PUBLIC_ORIGIN: 'https://two.example.com' })).toMatchObject({ code: 0 })
    expect(cloudflare.databases.size).toBe(2)
    expect(new Set([...first, ...limits()]).size).toBe(first.length * 2)
  })
})

describe('a later deployment', () => {
  it('keeps settings and secrets that the environment does not name', async () => {
    const provider = { OPENID_ISSUER: 'https://id.example.com', OPENID_CLIENT_ID: 'wharf', OPENID_CLIENT_SECRET: 'provider-secret' }
    await deploy({ PUBLIC_ORIGIN: origin, SIGN_UP: 'closed', SERVER_HOST: '*.tools.example.com', ...provider })
    const before = worker()
    await rm(keyFile(), { force: true })

    expect(await deploy()).toMatchObject({ code: 0 })
    expect(worker()).not.toBe(before)
    expect(worker()?.bindings).toEqual(before?.bindings)
    expect(worker()?.secrets).toEqual(before?.secrets)
    expect(worker()?.secrets.get('OPENID_CLIENT_SECRET')).toBe('provider-secret')
    expect(cloudflare.records).toHaveLength(1)
    await expect(stat(keyFile())).rejects.toThrow('ENOENT')
  })

  it('changes the settings that the environment names, and empties those set to the empty text', async () => {
    await deploy({ PUBLIC_ORIGIN: origin, SIGN_UP: 'closed', SERVER_HOST: '*.tools.example.com' })
    const { code } = await deploy({ SIGN_UP: 'invitation', SERVER_HOST: '' })
    expect(code).toBe(0)
    expect(variable('SIGN_UP')).toBe('invitation')
    expect(variable('SERVER_HOST')).toBe('')
    expect(variable('PUBLIC_ORIGIN')).toBe(origin)
  })

  it('accepts a rotated VAULT_KEY only if the keys of stored values are in it', async () => {
    await deploy({ PUBLIC_ORIGIN: origin, VAULT_KEY: key('old') })
    const old = worker()?.secrets.get('VAULT_KEY') ?? ''
    sealProvider('p', 'v1.old.a.b')

    const lost = await deploy({ VAULT_KEY: key('new') })
    expect(lost.output).toContain('values sealed with the key "old", which VAULT_KEY does not contain')
    expect(lost.code).toBe(1)
    expect(worker()?.secrets.get('VAULT_KEY')).toBe(old)

    const rotated = `${key('new')},${old}`
    expect(await deploy({ VAULT_KEY: rotated })).toMatchObject({ code: 0 })
    expect(worker()?.secrets.get('VAULT_KEY')).toBe(rotated)
  })

  it('makes no new VAULT_KEY when the Worker is gone but its sealed values are not', async () => {
    await deploy({ PUBLIC_ORIGIN: origin, VAULT_KEY: key('old') })
    sealProvider('p', 'v1.old.a.b')
    cloudflare.workers.clear()
    const { code, output } = await deploy({ PUBLIC_ORIGIN: origin })
    expect(output).toContain('values sealed with the key "old", which a new VAULT_KEY does not contain')
    expect(code).toBe(1)
    expect(cloudflare.workers.size).toBe(0)
  })
})

describe('a deployment that failed half-way', () => {
  it('continues with the next run, with each resource made once and one VAULT_KEY', async () => {
    const steps = [
      'POST /accounts/*/d1/database',
      'POST /accounts/*/storage/kv/namespaces',
      'POST /accounts/*/r2/buckets',
      'POST /accounts/*/workers/scripts/*/assets-upload-session',
      'PUT /accounts/*/workers/scripts/*',
      'PUT /accounts/*/workers/scripts/*/domains/records',
    ]
    let kept: string | undefined
    for (const step of steps) {
      const [method = '', path = ''] = step.split(' ')
      // wrangler itself tries some requests again
      for (let time = 0; time < 5; time += 1) cloudflare.failOnce(`${method} ${path.replace('*', ACCOUNT).replace('*', prefix)}`)
      const { code } = await deploy({ PUBLIC_ORIGIN: origin, SIGN_UP: 'closed' })
      expect([step, code]).toEqual([step, 1])
      cloudflare.forgetFailures()
      const now = /^VAULT_KEY=(.*)$/m.exec(await readFile(keyFile(), 'utf8').catch(() => ''))?.[1]
      if (kept !== undefined) expect(now).toBe(kept)
      kept = now
    }
    expect(await deploy()).toMatchObject({ code: 0 })
    expect([cloudflare.databases.size, cloudflare.namespaces.size, cloudflare.buckets.size]).toEqual([1, 1, 1])
    expect(worker()?.secrets.get('VAULT_KEY')).toBe(kept)
    expect(variable('SIGN_UP')).toBe('closed')
    expect(Object.fromEntries(cloudflare.domains)).toEqual({ 'mcp.example.com': prefix })
  })

  it('applies each migration once when a run was stopped among the migrations', async () => {
    cloudflare.failMigration('0005')
    expect(await deploy({ PUBLIC_ORIGIN: origin })).toMatchObject({ code: 1 })
    expect(await deploy({ PUBLIC_ORIGIN: origin })).toMatchObject({ code: 0 })
    const applied = cloudflare.databases.get(prefix)?.sqlite.prepare('SELECT name FROM d1_migrations ORDER BY id').all() ?? []
    expect(new Set(applied.map(({ name }) => name)).size).toBe(applied.length)
    expect(applied.length).toBeGreaterThan(10)
  })
})

describe('a refusal', () => {
  it.each([
    ['no PUBLIC_ORIGIN', {}, 'Set PUBLIC_ORIGIN to the https origin'],
    ['an http origin', { PUBLIC_ORIGIN: 'http://mcp.example.com' }, 'PUBLIC_ORIGIN must be an https origin'],
    ['an origin with a port', { PUBLIC_ORIGIN: 'https://mcp.example.com:8443' }, 'PUBLIC_ORIGIN must be an https origin'],
    ['an unknown SIGN_UP', { PUBLIC_ORIGIN: origin, SIGN_UP: 'close' }, 'SIGN_UP must be open, invitation or closed, not "close"'],
    [
      'a SERVER_HOST without a wildcard',
      { PUBLIC_ORIGIN: origin, SERVER_HOST: 'tools.example.com' },
      'SERVER_HOST must be empty or a wildcard',
    ],
    [
      'an unknown OPENID_TRUSTS_EMAILS',
      { PUBLIC_ORIGIN: origin, OPENID_TRUSTS_EMAILS: 'yes' },
      'OPENID_TRUSTS_EMAILS must be empty or true',
    ],
    [
      'half an OpenID provider',
      { PUBLIC_ORIGIN: origin, OPENID_ISSUER: 'https://id.example.com' },
      'needs OPENID_ISSUER and OPENID_CLIENT_ID',
    ],
    [
      'an OpenID provider without its secret',
      { PUBLIC_ORIGIN: origin, OPENID_ISSUER: 'https://id.example.com', OPENID_CLIENT_ID: 'wharf' },
      'no OPENID_CLIENT_SECRET',
    ],
    [
      'a domain of another account',
      { PUBLIC_ORIGIN: 'https://mcp.elsewhere.net' },
      'No zone of the Cloudflare account contains mcp.elsewhere.net',
    ],
    ['another workers.dev host', { PUBLIC_ORIGIN: 'https://other.acme.workers.dev' }, '.acme.workers.dev, because the Worker'],
  ])('names the fault and creates nothing for %s', async (_, env, message) => {
    const { code, output } = await deploy(env)
    expect(output).toContain(message)
    expect(output).not.toMatch(/^\s+at /m)
    expect(code).toBe(1)
    expect(cloudflare.requests.filter((request) => !request.startsWith('GET '))).toEqual([])
  })

  it('leaves a domain, a DNS record and a Worker of somebody else alone', async () => {
    cloudflare.domains.set('mcp.example.com', 'shop')
    expect((await deploy({ PUBLIC_ORIGIN: origin })).output).toContain('mcp.example.com is a custom domain of the Worker "shop"')
    cloudflare.domains.clear()
    cloudflare.records.push({ name: 'mcp.example.com', type: 'CNAME', proxied: true })
    expect((await deploy({ PUBLIC_ORIGIN: origin })).output).toContain('mcp.example.com has a DNS record (CNAME)')
    cloudflare.records.length = 0
    cloudflare.workers.set(prefix, { bindings: [], secrets: new Map(), assets: false })
    expect((await deploy({ PUBLIC_ORIGIN: origin })).output).toContain(`a Worker "${prefix}" that is not Wharf`)
    expect(cloudflare.requests.filter((request) => !request.startsWith('GET '))).toEqual([])
  })

  it('asks for the account when the credentials reach several', async () => {
    await cloudflare.close()
    cloudflare = await startCloudflare({ accounts: 2 })
    const refused = await deploy({ PUBLIC_ORIGIN: origin })
    expect(refused.output).toContain(`Set CLOUDFLARE_ACCOUNT_ID to one of:\n  ${ACCOUNT}  Account 0`)
    expect(await deploy({ PUBLIC_ORIGIN: origin, CLOUDFLARE_ACCOUNT_ID: ACCOUNT })).toMatchObject({ code: 0 })
  })

  it.each([
    ['an unknown option', ['--prefx', 'a'], 'deploys the platform to Cloudflare'],
    ['a prefix that no host name allows', ['--prefix', 'My_Wharf'], 'The prefix must be 2 to 48 lower-case letters'],
  ])('explains %s', async (_, args, message) => {
    const { code, output } = await deploy({ PUBLIC_ORIGIN: origin }, args)
    expect(output).toContain(message)
    expect(code).toBe(1)
  })
})

describe('npm run reseal', () => {
  it('shows on Cloudflare how many values each key sealed, and which keys may go', async () => {
    await deploy({ PUBLIC_ORIGIN: origin, VAULT_KEY: key('old') })
    const remote = ['--remote', '--prefix', prefix]
    expect((await run('reseal', remote)).output).toContain('No value is sealed')
    sealProvider('p1', 'v1.old.a.b')
    sealProvider('p2', 'v1.new.a.b')
    const { code, output } = await run('reseal', remote)
    expect(output).toMatch(/^new +1 value\nold +1 value\n\nVAULT_KEY needs the keys "new" and "old"/m)
    expect(code).toBe(0)
    expect((await run('reseal', ['--remote', '--prefix', 'absent'])).output).toContain('has no database "absent"')
  })
})

describe('operator commands with --remote', () => {
  it('change the database of the platform with the prefix', async () => {
    await deploy({ PUBLIC_ORIGIN: origin })
    const sqlite = cloudflare.databases.get(prefix)?.sqlite
    sqlite?.exec(
      `INSERT INTO users (id, name, email, email_verified, created_at, updated_at) VALUES ('u1', 'Ada', 'ada@example.com', 1, 0, 0)`,
    )
    const remote = ['--remote', '--prefix', prefix]
    expect((await run('operator', ['ADA@example.com', ...remote])).output).toContain('ada@example.com is now an operator.')
    expect(sqlite?.prepare('SELECT operator FROM users').all()).toEqual([{ operator: 1 }])
    const unknown = await run('operator', ['bob@example.com', ...remote])
    expect([unknown.code, unknown.output]).toEqual([1, 'No account found for bob@example.com. Sign up first.\n'])
    expect((await run('reset-password', ['ada@example.com', ...remote])).output).toContain(
      'No account with a password found for ada@example.com',
    )
  })

  it.each([
    [['a@example.com', '--prefix', 'x'], '--prefix names a platform on Cloudflare, so it needs --remote.'],
    [['a@example.com', '--remote', '--state', 'x'], '--state names a local platform, so it cannot be used with --remote.'],
  ])('refuse the options %j', async (args, message) => {
    expect(await run('operator', args)).toEqual({ code: 1, output: `${message}\n` })
  })
})
