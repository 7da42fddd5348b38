import { acceptedContent, completable, inputRequired, type McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { PIXEL } from './media.ts'

export function registerPrompts(server: McpServer): void {
  const says = (text: string) => ({ role: 'user' as const, content: { type: 'text' as const, text } })

  server.registerPrompt('test_simple_prompt', { description: 'A prompt without arguments.' }, () => ({
    messages: [says('This is a simple prompt for testing.')],
  }))

  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'A prompt with two arguments and completion for the first.',
      argsSchema: z.object({
        arg1: completable(z.string().describe('First test argument'), (typed) =>
          ['paris', 'parma', 'hello'].filter((known) => known.startsWith(typed)),
        ),
        arg2: z.string().describe('Second test argument'),
      }),
    },
    ({ arg1, arg2 }) => ({ messages: [says(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)] }),
  )

  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    {
      description: 'A prompt with an embedded resource.',
      argsSchema: z.object({ resourceUri: z.string().describe('URI of the resource to embed') }),
    },
    ({ resourceUri }) => ({
      messages: [
        {
          role: 'user',
          content: {
            type: 'resource',
            resource: { uri: resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
          },
        },
        says('Please process the embedded resource above.'),
      ],
    }),
  )

  server.registerPrompt('test_prompt_with_image', { description: 'A prompt with an image.' }, () => ({
    messages: [{ role: 'user', content: { type: 'image', data: PIXEL, mimeType: 'image/png' } }, says('Please analyze the image above.')],
  }))

  server.registerPrompt(
    'test_input_required_result_prompt',
    { description: 'A prompt that asks the user for its context.' },
    ({ mcpReq }) => {
      const answer = acceptedContent(mcpReq.inputResponses, 'user_context', z.object({ context: z.string() }))
      if (answer) return { messages: [says(`Use this context: ${answer.context}`)] }
      const user_context = inputRequired.elicit({
        message: 'What context should the prompt use?',
        requestedSchema: { type: 'object', properties: { context: { type: 'string' } }, required: ['context'] },
      })
      return inputRequired({ inputRequests: { user_context } })
    },
  )
}
