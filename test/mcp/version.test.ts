import { expect, it } from 'vitest'
import { callModern, wireServer } from '../support/modern.ts'
import { createServer } from '../support/platform.ts'

const MODERN = '2026-07-28'

it.each([
  ['the same version in both, which is served', MODERN, MODERN, 200, undefined],
  ['the same version in both, which is not', 'v999', 'v999', 400, -32022],
  ['no header and a version that is not served', null, 'v999', 400, -32022],
  ['a header that names a served version where the body does not', MODERN, 'v999', 400, -32020],
  ['a body that names a served version where the header does not', 'v999', MODERN, 400, -32020],
  ['no header', null, MODERN, 400, -32020],
])('answers a request with %s', async (_, header, body, status, code) => {
  const server = await createServer({ code: wireServer('{}'), settings: { access: 'public' } })
  const response = await callModern(server, {
    method: 'server/discover',
    headers: { 'MCP-Protocol-Version': header },
    meta: { 'io.modelcontextprotocol/protocolVersion': body },
  })
  const answer = (await response.json()) as { error?: { code: number } }
  expect([response.status, answer.error?.code]).toEqual([status, code])
})
