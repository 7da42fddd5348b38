import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findNearest } from '../../scripts/nearest.ts'
import { ROOT } from '../../scripts/wrangler.ts'

function run(args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/run.js', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('every command', () => {
  it.each(['start', 'demo', 'operator', 'reset-password', 'deploy-server', 'build-dashboard'])(
    'prints its usage and changes nothing for %s --help',
    (command) => {
      for (const flag of ['--help', '-h']) {
        const { status, stdout, stderr } = run([command, flag])
        expect([status, stderr]).toEqual([0, ''])
        expect(stdout).toMatch(new RegExp(`^npm (run )?${command.replace('build-', 'build:')}`))
      }
    },
  )

  it.each([
    [['start', '--prot', '80'], "Unknown option '--prot'. Did you mean --port?", 'npm start'],
    [['demo', '--sate', 'x'], "Unknown option '--sate'. Did you mean --state?", 'npm run demo'],
    [['demo', 'hello'], 'Unknown argument "hello".', 'npm run demo'],
    [['start', '--state'], "Option '--state <value>' argument missing.", 'npm start'],
    [['operator'], 'EMAIL is missing.', 'npm run operator'],
    [['reset-password', 'a@b.example', 'c@d.example'], 'Unknown argument "c@d.example".', 'npm run reset-password'],
    [['deploy-server', '--servr', 'x'], "Unknown option '--servr'. Did you mean --server?", 'npm run deploy-server'],
    [['build-dashboard', '--wacth'], "Unknown option '--wacth'.", 'npm run build:dashboard'],
  ])('prints the mistake and its usage for %j', (args, mistake, usage) => {
    const { status, stdout, stderr } = run(args)
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr.split('\n')[0]).toBe(mistake)
    expect(stderr).toContain(`\n\n${usage}`)
    expect(stderr).not.toContain('    at ') // no stack trace
  })

  it('explains that npm has kept an option for itself', () => {
    const { status, stderr } = run(['start', '8790'], { npm_config_port: '8790' })
    expect([status, stderr]).toEqual([1, expect.stringContaining('npm start -- --port 8790')])
  })
})

describe('run.js', () => {
  it.each([
    ['strat', 'Did you mean start?'],
    ['deploy-sever', 'Did you mean deploy-server?'],
    ['state', 'Commands, each with --help'], // a module of scripts/ that is no command
  ])('lists the commands for the unknown command %s', (command, expected) => {
    const { status, stderr } = run([command])
    expect([status, stderr]).toEqual([1, expect.stringContaining(expected)])
    expect(stderr).toContain(`Unknown command "${command}"`)
  })
})

describe('findNearest', () => {
  it.each([
    ['prot', 'port'], // two exchanged letters
    ['pors', 'port'],
    ['serve', 'server'],
    ['x', undefined],
    ['watch', undefined],
  ])('finds for %s: %s', (word, nearest) => {
    expect(findNearest(word, ['port', 'state', 'server'])).toBe(nearest)
  })
})

it('miniflare has the version that wrangler pins', async () => {
  const read = async (path: string) => JSON.parse(await readFile(join(ROOT, path), 'utf8')) as Record<string, Record<string, string>>
  const own = (await read('package.json'))['devDependencies']?.['miniflare']
  expect(own).toBe((await read('node_modules/wrangler/package.json'))['dependencies']?.['miniflare'])
})
