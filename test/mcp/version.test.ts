import { expect, it } from 'vitest'
import { callModern, wireServer } from '../support/modern.ts'
import { createServer } from '../support/platform.ts'

const MODERN = '2026-07-28'

it.each([
  ['is answered when header and body name the same served version', MODERN, MODERN, 200, undefined],
  ['is refused with -32022 when header and body name the same unknown version', 'v999', 'v999', 400, -32022],
  ['is refused with -32022 when the header is missing and the body names an unknown version', null, 'v999', 400, -32022],
  ['is refused with -32020 when the header names a served version and the body an unknown one', MODERN, 'v999', 400, -32020],
  ['is refused with -32020 when the body names a served version and the header an unknown one', 'v999', MODERN, 400, -32020],
  ['is refused with -32020 when the header is missing', null, MODERN, 400, -32020],
])('stateless request %s', async (_, header, body, status, code) => {
  const server = await createServer({ code: wireServer('{}'), settings: { access: 'public' } })
  const response = await callModern(server, {
    method: 'server/discover',
    headers: { 'MCP-Protocol-Version': header },
    meta: { 'io.modelcontextprotocol/protocolVersion': body },
  })
  const answer = (await response.json()) as { error?: { code: number } }
  expect([response.status, answer.error?.code]).toEqual([status, code])
})
