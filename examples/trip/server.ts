import {
  acceptedContent,
  createMcpHandler,
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { DESTINATIONS, priceOf } from './destinations.ts'

interface Env {
  /** Signs the state carried by a client between two rounds. 32 characters or more. */
  STATE_KEY?: string
}

interface Caller {
  user?: string
  client?: string
}

/** Answers to the first question. */
const details = z.object({
  nights: z.int().min(1).max(30).describe('Number of nights'),
  travellers: z.int().min(1).max(8).describe('Number of travellers'),
})

/**
 * Offer carried by the client to the second round, because the user must confirm exactly this
 * trip.
 */
interface Offer extends z.infer<typeof details> {
  destination: string
  price: number
}

function codec(env: Env, caller: Caller) {
  ownKey ??= crypto.getRandomValues(new Uint8Array(32))
  return createRequestStateCodec<Offer>({
    // without STATE_KEY, the key is valid in this process only, and the next round can reach
    // another process
    key: env.STATE_KEY ?? ownKey,
    // bound to the caller, because a different caller must not use the offer
    bind: ({ mcpReq }) => JSON.stringify([mcpReq.method, caller.client, caller.user]),
  })
}
let ownKey: Uint8Array | undefined

function build(env: Env, caller: Caller): McpServer {
  const state = codec(env, caller)
  const server = new McpServer(
    { name: 'trip', version: '1.0.0' },
    { instructions: 'Books simulated trips. Asks the user for details and for confirmation.', requestState: { verify: state.verify } },
  )

  server.registerTool(
    'destinations',
    {
      title: 'Destinations',
      description: 'Lists the destinations with the price per night and traveller.',
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    },
    () => ({ content: [{ type: 'text', text: JSON.stringify(DESTINATIONS, null, 2) }] }),
  )

  server.registerTool(
    'book_trip',
    {
      title: 'Book a trip',
      description:
        'Books a trip after asking the user for nights and travellers and for confirmation of the price. The booking is simulated.',
      inputSchema: z.object({ destination: z.enum(Object.keys(DESTINATIONS) as [string, ...string[]]) }),
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
    },
    async ({ destination }, ctx) => {
      const offer = ctx.mcpReq.requestState<Offer>()
      if (offer?.destination === destination && answers(ctx, 'confirm')) return book(offer, ctx)

      const wanted = acceptedContent(ctx.mcpReq.inputResponses, 'details', details)
      if (wanted) {
        const price = priceOf(destination, wanted.nights, wanted.travellers)
        const confirm = inputRequired.elicit({
          message: `${wanted.nights} nights in ${destination} for ${wanted.travellers}: ${price} EUR. Book it?`,
          requestedSchema: z.object({ book: z.boolean().describe('Book this trip') }),
        })
        return inputRequired({ inputRequests: { confirm }, requestState: await state.mint({ destination, price, ...wanted }, ctx) })
      }
      if (declined(ctx, 'details')) return say('No trip was booked: the questions were not answered.')

      return inputRequired({
        inputRequests: { details: inputRequired.elicit({ message: `When you go to ${destination}:`, requestedSchema: details }) },
      })
    },
  )

  return server
}

function book(offer: Offer, { mcpReq }: ServerContext) {
  const confirmed = acceptedContent(mcpReq.inputResponses, 'confirm', z.object({ book: z.boolean() }))
  if (!confirmed?.book) return say('No trip was booked.')
  return say(
    `Booked (or it would be, if this were real): ${offer.nights} nights in ${offer.destination} for ${offer.travellers}, ${offer.price} EUR.`,
  )
}

function answers({ mcpReq }: ServerContext, key: string): boolean {
  return inputResponse(mcpReq.inputResponses, key).kind === 'elicit'
}

function declined({ mcpReq }: ServerContext, key: string): boolean {
  const response = inputResponse(mcpReq.inputResponses, key)
  return response.kind === 'elicit' && response.action !== 'accept'
}

function say(text: string) {
  return { content: [{ type: 'text' as const, text }] }
}

export default {
  fetch: (request: Request, env: Env, ctx: { props?: Caller }): Promise<Response> =>
    createMcpHandler(() => build(env, ctx.props ?? {}), { onerror: console.error }).fetch(request),
}
