import { describe, expect, it } from 'vitest'
import { openSession, take } from '../support/legacy.ts'
import { callModern, wireServer } from '../support/modern.ts'
import { createServer, surfaceOf } from '../support/platform.ts'

const tool = { name: 'ask', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }
/** Asks the question in its arguments. */
const code = wireServer(`{
  ask: async ({ method, question }, { params }) => params.inputResponses
    ? { content: [{ type: 'text', text: JSON.stringify(params.inputResponses) }] }
    : { resultType: 'input_required', inputRequests: { q: { method, params: question } } },
}`)
const server = await createServer({ code, surface: surfaceOf([tool]), settings: { access: 'public' } })
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'

const text = { type: 'text', text: 'Hi' }
const user = { role: 'user', content: text }
const sampling = (extra: Record<string, unknown> = {}) => ({ messages: [user], maxTokens: 10, ...extra })
const use = { type: 'tool_use', id: '1', name: 'a', input: {} }
const outcome = { type: 'tool_result', toolUseId: '1', content: [] }
const form = { message: 'Sure?', requestedSchema: { type: 'object', properties: {} } }
const url = { mode: 'url', message: 'Open', url: 'https://example.com' }

const ask = async (declared: unknown, method: string, question: unknown) => {
  const meta = { [CAPABILITIES]: declared }
  const response = await callModern(server, { params: { name: 'ask', arguments: { method, question } }, meta })
  const body = await response.json<{ result?: { inputRequests: unknown }; error?: { code: number; message: string; data?: unknown } }>()
  return { status: response.status, ...body }
}

describe('question at 2026-07-28', () => {
  it.each([
    ['sampling/createMessage', sampling(), {}, { sampling: {} }],
    ['sampling/createMessage', sampling(), { sampling: true }, { sampling: {} }],
    ['sampling/createMessage', sampling({ tools: [] }), { sampling: {} }, { sampling: { tools: {} } }],
    ['sampling/createMessage', sampling({ tools: [] }), {}, { sampling: { tools: {} } }],
    ['sampling/createMessage', sampling({ toolChoice: { mode: 'auto' } }), { sampling: {} }, { sampling: { tools: {} } }],
    ['sampling/createMessage', sampling({ messages: [{ role: 'user', content: outcome }] }), { sampling: {} }, { sampling: { tools: {} } }],
    [
      'sampling/createMessage',
      sampling({ messages: [user, { role: 'assistant', content: [text, use] }] }),
      { sampling: { context: {} } },
      { sampling: { tools: {} } },
    ],
    ['sampling/createMessage', sampling({ includeContext: 'allServers' }), { sampling: { tools: {} } }, { sampling: { context: {} } }],
    [
      'sampling/createMessage',
      sampling({ includeContext: 'thisServer', tools: [] }),
      { sampling: {} },
      { sampling: { context: {}, tools: {} } },
    ],
    ['elicitation/create', form, { elicitation: { url: {} } }, { elicitation: { form: {} } }],
    ['elicitation/create', url, { elicitation: {} }, { elicitation: { url: {} } }],
    ['elicitation/create', url, { elicitation: { form: {} } }, { elicitation: { url: {} } }],
    ['roots/list', {}, { sampling: {} }, { roots: {} }],
  ])('%s with %j is refused when the client declares %j', async (method, question, declared, required) => {
    expect(await ask(declared, method, question)).toMatchObject({ status: 400, error: { code: -32021 } })
    expect((await ask(declared, method, question)).error?.data).toEqual({ requiredCapabilities: required })
  })

  it.each([
    ['sampling/createMessage', sampling({ includeContext: 'none' }), { sampling: {} }],
    ['sampling/createMessage', sampling({ messages: [{ role: 'user', content: [text, text] }] }), { sampling: {} }],
    ['sampling/createMessage', sampling({ tools: [], toolChoice: {} }), { sampling: { tools: {} } }],
    ['sampling/createMessage', sampling({ includeContext: 'thisServer' }), { sampling: { context: {} } }],
    ['elicitation/create', form, { elicitation: {} }],
    ['elicitation/create', { ...form, mode: 'form' }, { elicitation: { form: {} } }],
    ['elicitation/create', url, { elicitation: { url: {} } }],
    ['roots/list', {}, { roots: {} }],
  ])('%s with %j is asked when the client declares %j', async (method, question, declared) => {
    expect(await ask(declared, method, question)).toMatchObject({
      status: 200,
      result: { inputRequests: { q: { method, params: question } } },
    })
  })

  it('is an error of the hosted server when the mode of an elicitation is unknown', async () => {
    expect(await ask({ elicitation: { form: {}, voice: {} } }, 'elicitation/create', { ...form, mode: 'voice' })).toMatchObject({
      error: { code: -32603 },
    })
  })
})

describe('sampling in a session', () => {
  const withTools = { method: 'sampling/createMessage', question: sampling({ tools: [{ name: 'a', inputSchema: { type: 'object' } }] }) }
  const withContext = { method: 'sampling/createMessage', question: sampling({ includeContext: 'thisServer' }) }
  const tools = { sampling: { tools: {} } }

  it.each([
    ['2025-11-25', { sampling: {} }, withTools],
    ['2025-11-25', tools, withContext],
    ['2025-06-18', tools, withTools],
    ['2025-03-26', tools, withTools],
  ])('at %s with capabilities %j becomes an error of the tool when the question needs more', async (revision, capabilities, question) => {
    const session = await openSession(server, { revision, capabilities })
    expect(await (await session.call(1, 'ask', question)).json()).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringMatching(/sampling\.(tools|context)/) }] },
    })
  })

  it.each([
    ['2025-11-25', tools, withTools],
    ['2025-11-25', { sampling: { context: {} } }, withContext],
    ['2025-06-18', { sampling: {} }, withContext],
    ['2025-03-26', { sampling: {} }, withContext],
  ])('at %s with capabilities %j is asked', async (revision, capabilities, question) => {
    const session = await openSession(server, { revision, capabilities })
    const [event] = await take(await session.call(1, 'ask', question), 1)
    expect(event?.message).toMatchObject({ method: 'sampling/createMessage', params: question.question })
  })
})
