import { describe, expect, it } from 'vitest'
import { open, openEnvironment, seal, sealEnvironment } from '../../hosting/vault.ts'
import { randomToken } from '../../protocol/random.ts'

const first = `2026-01:${randomToken(32)}`
const second = `2026-02:${randomToken(32)}`
const env = { VAULT_KEY: first }
const owner = { tenantId: 't1', serverId: 's1', name: 'API_KEY' }

describe('vault', () => {
  it('opens what it sealed, and seals the same value differently each time', async () => {
    const [one, two] = [await seal(env, owner, 'sesame'), await seal(env, owner, 'sesame')]
    expect(one).not.toBe(two)
    expect(one).not.toContain('sesame')
    expect(await open(env, owner, one)).toBe('sesame')
  })

  it.each([
    ['another tenant', { ...owner, tenantId: 't2' }],
    ['another server', { ...owner, serverId: 's2' }],
    ['another name', { ...owner, name: 'OTHER' }],
  ])('refuses to open a secret for %s', async (_, other) => {
    await expect(open(env, other, await seal(env, owner, 'sesame'))).rejects.toThrow()
  })

  it('refuses to open an envelope that was altered at any position', async () => {
    const envelope = await seal(env, owner, 'sesame')
    for (const at of [0, 4, 20, 60, envelope.length - 2]) {
      const altered = envelope.slice(0, at) + (envelope[at] === 'A' ? 'B' : 'A') + envelope.slice(at + 1)
      await expect(open(env, owner, altered)).rejects.toThrow()
    }
  })

  it('seals with the first key, and opens with an older key until that key is removed', async () => {
    const old = await seal(env, owner, 'sesame')
    const rotated = { VAULT_KEY: `${second}, ${first}` }
    expect((await seal(rotated, owner, 'x')).split('.')[1]).toBe('2026-02')
    expect(await open(rotated, owner, old)).toBe('sesame')
    await expect(open({ VAULT_KEY: second }, owner, old)).rejects.toThrow(/has no key "2026-01"/)
  })

  it.each([[''], ['key'], ['k:short'], [`k.2:${'A'.repeat(43)}`], [`:${'A'.repeat(43)}`]])(
    'refuses the VAULT_KEY "%s"',
    async (VAULT_KEY) => {
      await expect(seal({ VAULT_KEY }, owner, 'x')).rejects.toThrow()
    },
  )

  it('seals an environment as one envelope that opens for its own server only', async () => {
    const server = { key: { tenantId: 't1', serverId: 's1' } }
    const environment = await sealEnvironment(env, server, { A: '1', B: 'zwei' })
    expect(await openEnvironment(env, { ...server, environment })).toEqual({ A: '1', B: 'zwei' })
    expect(await openEnvironment(env, { ...server, environment: null })).toEqual({})
    await expect(openEnvironment(env, { key: { tenantId: 't1', serverId: 's2' }, environment })).rejects.toThrow()
  })
})
