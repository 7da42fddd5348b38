import {
  acceptedContent,
  inputRequired,
  inputResponse,
  type InputRequests,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { text } from './tools.ts'

const READS = { readOnlyHint: true, openWorldHint: false }

const askName = (message: string) =>
  inputRequired.elicit({ message, requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } })
const askModel = (prompt: string, maxTokens: number) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text: prompt } }], maxTokens })

/** Registers the tools with input requests. A tool returns its request and is called again. */
export function registerAskingTools(server: McpServer, state: RequestStateCodec<string>): void {
  registerQuestions(server)
  registerRounds(server, state)
}

/** Returns the response to one input request as text, or undefined if the response is missing. */
function answered({ mcpReq }: ServerContext, key: string): string | undefined {
  const response = inputResponse(mcpReq.inputResponses, key)
  if (response.kind === 'elicit') return `action=${response.action}, content=${JSON.stringify(response.content ?? {})}`
  if (response.kind === 'sampling') return JSON.stringify(response.result.content)
  return response.kind === 'roots' ? response.roots.map(({ uri }) => uri).join(', ') || 'no roots' : undefined
}

/** Registers the tools with a single question. */
function registerQuestions(server: McpServer): void {
  const ask = (name: string, description: string, key: string, request: () => InputRequests[string], say: (answer: string) => string) => {
    server.registerTool(name, { description, annotations: READS }, (ctx) => {
      const answer = answered(ctx, key)
      return answer === undefined ? inputRequired({ inputRequests: { [key]: request() } }) : { content: [text(say(answer))] }
    })
  }

  server.registerTool(
    'test_input_required_result_elicitation',
    { description: 'Asks for a name and greets.', annotations: READS },
    ({ mcpReq }) => {
      const answer = acceptedContent(mcpReq.inputResponses, 'user_name', z.object({ name: z.string() }))
      if (!answer) return inputRequired({ inputRequests: { user_name: askName('What is your name?') } })
      return { content: [text(`Hello, ${answer.name}!`)] }
    },
  )
  ask(
    'test_input_required_result_sampling',
    'Asks the model of the client a question.',
    'capital_question',
    () => askModel('What is the capital of France?', 100),
    (answer) => `The model said: ${answer}`,
  )
  ask(
    'test_input_required_result_list_roots',
    'Asks the client for its roots.',
    'client_roots',
    inputRequired.listRoots,
    (answer) => `Roots: ${answer}`,
  )
  ask(
    'test_missing_capability',
    'Needs a client with the capability sampling.',
    'sample',
    () => askModel('Say hello', 10),
    (answer) => `The model said: ${answer}`,
  )
  ask(
    'test_streaming_elicitation',
    'Asks for a name.',
    'user_name',
    () => askName('What is your name?'),
    (answer) => `Answered: ${answer}`,
  )

  server.registerTool(
    'test_sampling',
    {
      description: 'Sends a prompt to the model of the client.',
      inputSchema: z.object({ prompt: z.string().describe('The prompt to send to the model') }),
      annotations: READS,
    },
    ({ prompt }, { mcpReq }) => {
      const response = inputResponse(mcpReq.inputResponses, 'sample')
      if (response.kind !== 'sampling') return inputRequired({ inputRequests: { sample: askModel(prompt, 100) } })
      const { content } = response.result
      const said = Array.isArray(content)
        ? content.map((block) => ('text' in block ? block.text : block.type)).join(' ')
        : 'text' in content
          ? content.text
          : content.type
      return { content: [text(`LLM response: ${said}`)] }
    },
  )

  server.registerTool(
    'test_elicitation',
    {
      description: 'Asks the user for a name and an email address.',
      inputSchema: z.object({ message: z.string().describe('The message to show the user') }),
      annotations: READS,
    },
    ({ message }, ctx) => {
      const answer = answered(ctx, 'user')
      if (answer !== undefined) return { content: [text(`User response: ${answer}`)] }
      const properties = {
        username: { type: 'string' as const, description: "User's response" },
        email: { type: 'string' as const, description: "User's email address" },
      }
      const requestedSchema = { type: 'object' as const, properties, required: ['username', 'email'] }
      return inputRequired({ inputRequests: { user: inputRequired.elicit({ message, requestedSchema }) } })
    },
  )

  const completed = (answer: string) => `Elicitation completed: ${answer}`
  ask(
    'test_elicitation_sep1034_defaults',
    'Asks with a form that has a default for each type of field.',
    'profile',
    () =>
      inputRequired.elicit({
        message: 'Please review and update the form fields with defaults',
        requestedSchema: {
          type: 'object',
          properties: {
            name: { type: 'string', description: 'User name', default: 'John Doe' },
            age: { type: 'integer', description: 'User age', default: 30 },
            score: { type: 'number', description: 'User score', default: 95.5 },
            status: { type: 'string', description: 'User status', enum: ['active', 'inactive', 'pending'], default: 'active' },
            verified: { type: 'boolean', description: 'Verification status', default: true },
          },
        },
      }),
    completed,
  )
  ask(
    'test_elicitation_sep1330_enums',
    'Asks with a form that has each type of choice.',
    'choices',
    () =>
      inputRequired.elicit({
        message: 'Please select options from the enum fields',
        requestedSchema: {
          type: 'object',
          properties: {
            untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
            titledSingle: { type: 'string', oneOf: titled('Option') },
            legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
            untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
            titledMulti: { type: 'array', items: { anyOf: titled('Choice') } },
          },
        },
      }),
    completed,
  )
}

function titled(noun: string): { const: string; title: string }[] {
  return ['First', 'Second', 'Third'].map((ordinal, index) => ({ const: `value${index + 1}`, title: `${ordinal} ${noun}` }))
}

/**
 * Registers the tools with several questions or rounds, and with signed state carried by the
 * client.
 */
function registerRounds(server: McpServer, state: RequestStateCodec<string>): void {
  const confirm = () =>
    inputRequired.elicit({
      message: 'Please confirm',
      requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
    })

  for (const name of ['test_input_required_result_request_state', 'test_input_required_result_tampered_state']) {
    server.registerTool(
      name,
      { description: 'Asks for confirmation, with signed state that the client sends back.', annotations: READS },
      async (ctx) => {
        const carried = ctx.mcpReq.requestState<string>()
        if (carried === name && answered(ctx, 'confirm') !== undefined) return { content: [text('state-ok')] }
        return inputRequired({ inputRequests: { confirm: confirm() }, requestState: await state.mint(name) })
      },
    )
  }

  server.registerTool(
    'test_input_required_result_multiple_inputs',
    { description: 'Asks three questions at once.', annotations: READS },
    async (ctx) => {
      const answers = ['user_name', 'greeting', 'client_roots'].map((key) => answered(ctx, key))
      if (answers.every((answer) => answer !== undefined)) return { content: [text(answers.join('\n'))] }
      return inputRequired({
        inputRequests: {
          user_name: askName('What is your name?'),
          greeting: askModel('Generate a greeting', 50),
          client_roots: inputRequired.listRoots(),
        },
        requestState: await state.mint('asked for three'),
      })
    },
  )

  server.registerTool(
    'test_input_required_result_multi_round',
    { description: 'Asks a second question after the first.', annotations: READS },
    async (ctx) => {
      const round = ctx.mcpReq.requestState<string>()
      const color = acceptedContent(ctx.mcpReq.inputResponses, 'step2', z.object({ color: z.string() }))
      if (round?.startsWith('name:') && color) return { content: [text(`${round.slice('name:'.length)} likes ${color.color}.`)] }
      const name = acceptedContent(ctx.mcpReq.inputResponses, 'step1', z.object({ name: z.string() }))
      if (round === 'started' && name) {
        const schema = { type: 'object' as const, properties: { color: { type: 'string' as const } }, required: ['color'] }
        const step2 = inputRequired.elicit({ message: 'Step 2: What is your favorite color?', requestedSchema: schema })
        return inputRequired({ inputRequests: { step2 }, requestState: await state.mint(`name:${name.name}`) })
      }
      return inputRequired({ inputRequests: { step1: askName('Step 1: What is your name?') }, requestState: await state.mint('started') })
    },
  )

  server.registerTool(
    'test_input_required_result_capabilities',
    { description: 'Asks only the questions that the client can answer.', annotations: READS },
    (ctx) => {
      const { elicitation, sampling } = server.server.getClientCapabilities() ?? {}
      const inputRequests: InputRequests = {}
      if (elicitation && answered(ctx, 'user_name') === undefined) inputRequests['user_name'] = askName('What is your name?')
      if (sampling && answered(ctx, 'greeting') === undefined) inputRequests['greeting'] = askModel('Generate a greeting', 50)
      if (Object.keys(inputRequests).length > 0) return inputRequired({ inputRequests })
      return { content: [text('There are no questions left.')] }
    },
  )

  server.registerTool(
    'test_reconnection',
    { description: 'Asks the client to call again for the result, as a busy server may.', annotations: READS },
    async (ctx) => {
      if (ctx.mcpReq.requestState<string>() === 'come back') return { content: [text('Welcome back: here is the result.')] }
      return inputRequired({ requestState: await state.mint('come back') })
    },
  )
}
