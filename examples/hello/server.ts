import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** Caller as passed by the platform. `client` and `user` are absent for an anonymous caller. */
interface Caller {
  user?: string
  client?: string
  scopes: string[]
  tenant: string
  server: string
}

function build(caller: Caller): McpServer {
  const server = new McpServer({ name: 'hello', version: '1.0.0' }, { instructions: 'Greets people. Call `greet` with a name.' })

  server.registerTool(
    'greet',
    {
      title: 'Greet',
      description: 'Greets a person by name in English, French or Japanese.',
      inputSchema: z.object({
        name: z.string().min(1).max(100).describe('Name of the person to greet'),
        language: z.enum(['en', 'fr', 'ja']).default('en').describe('Language of the greeting'),
      }),
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    },
    ({ name, language }) => ({ content: [{ type: 'text', text: GREETINGS[language](name) }] }),
  )

  server.registerTool(
    'whoami',
    {
      title: 'Who am I',
      description: 'Returns the caller as the platform describes it to this server.',
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    () => ({ content: [{ type: 'text', text: JSON.stringify(caller, null, 2) }] }),
  )

  server.registerPrompt(
    'introduce',
    {
      title: 'Introduce two people',
      description: 'Asks the model to introduce two people to each other.',
      argsSchema: z.object({ one: z.string().describe('The first person'), other: z.string().describe('The second person') }),
    },
    ({ one, other }) => ({
      messages: [{ role: 'user', content: { type: 'text', text: `Introduce ${one} and ${other} to each other, in two warm sentences.` } }],
    }),
  )

  server.registerResource(
    'languages',
    'hello://languages',
    { title: 'Languages', description: 'Languages that `greet` supports.', mimeType: 'application/json' },
    ({ href }) => ({ contents: [{ uri: href, mimeType: 'application/json', text: JSON.stringify(Object.keys(GREETINGS)) }] }),
  )

  return server
}

const GREETINGS = {
  en: (name: string) => `Hello, ${name}!`,
  fr: (name: string) => `Bonjour, ${name} !`,
  ja: (name: string) => `こんにちは、${name}さん!`,
}

export default {
  fetch: (request: Request, _env: unknown, ctx: { props: Caller }): Promise<Response> =>
    createMcpHandler(() => build(ctx.props), { onerror: console.error }).fetch(request),
}
