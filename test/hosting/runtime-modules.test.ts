import { env, exports } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { RUNTIME_MODULES } from '../../dashboard/src/features/code/bundler/runtime-modules.ts'
import { deployVersion } from '../../hosting/deploy/deploy.ts'
import { newId } from '../../protocol/random.ts'
import { createServer, store } from '../support/platform.ts'

const ctx = { exports, waitUntil: (promise: Promise<unknown>) => void promise.catch(() => undefined) }

/** Returns the code of a server whose instructions list the modules that fail to import. */
const importing = (names: readonly string[]) => `export default { async fetch(request) {
  const { id } = await request.json()
  const missing = []
  for (const name of ${JSON.stringify(names)}) await import(name).catch(() => missing.push(name))
  const result = { resultType: 'complete', ttlMs: 0, cacheScope: 'private', supportedVersions: ['2026-07-28'], capabilities: {},
    instructions: JSON.stringify(missing), _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'x', version: '1' } } }
  return Response.json({ jsonrpc: '2.0', id, result })
} }`

it('isolate has every module that the bundlers leave out, and none that the bundlers report as missing', async () => {
  const server = await createServer()
  const absent = ['node:sea', 'node:quic', 'node:test/reporters', 'cloudflare:nothing']
  const version = await deployVersion(
    {
      store,
      id: newId(),
      activate: false,
      server: await server.definition(),
      upload: {
        manifest: { source: 'code', mainModule: 'index.js', note: '' },
        modules: { 'index.js': importing([...RUNTIME_MODULES, ...absent]) },
      },
      createdBy: server.tenant.owner.id,
    },
    env,
    ctx,
  )
  expect(version.findings.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(JSON.parse(version.surface?.instructions ?? '')).toEqual(absent)
})
