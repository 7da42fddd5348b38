import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { daylight } from './daylight.ts'
import { forecast } from './forecast.ts'
import { findPlace, PLACES } from './places.ts'

const place = z.string().min(1).max(100).describe('One of the names that `places` lists')

function build(): McpServer {
  const server = new McpServer(
    { name: 'weather', version: '1.0.0' },
    { instructions: 'Forecasts and daylight for a handful of cities. Call `places` for their names.' },
  )

  server.registerTool(
    'places',
    {
      title: 'Places',
      description: 'Lists the places this server knows, with their coordinates.',
      outputSchema: z.object({
        places: z.array(z.object({ name: z.string(), country: z.string(), latitude: z.number(), longitude: z.number() })),
      }),
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    },
    () => structured({ places: [...PLACES] }),
  )

  server.registerTool(
    'daylight',
    {
      title: 'Daylight',
      description:
        'When the sun rises and sets at a place on a day (UTC), and how many hours of daylight that makes. Computed here, to a minute or two.',
      inputSchema: z.object({ place, date: z.iso.date().describe('The day, YYYY-MM-DD') }),
      outputSchema: z.object({
        place: z.string(),
        date: z.string(),
        sunrise: z.string().nullable().describe('HH:MM, UTC; null where it does not rise'),
        sunset: z.string().nullable().describe('HH:MM, UTC; null where it does not set'),
        hours: z.number().min(0).max(24),
      }),
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    },
    ({ place: name, date }) => {
      const { name: known, latitude, longitude } = findPlace(name)
      return structured({ place: known, date, ...daylight(latitude, longitude, date) })
    },
  )

  server.registerTool(
    'forecast',
    {
      title: 'Forecast',
      description: 'The forecast for the coming days at a place, from open-meteo.com.',
      inputSchema: z.object({ place, days: z.int().min(1).max(7).default(3) }),
      outputSchema: z.object({
        place: z.string(),
        source: z.string(),
        days: z.array(z.object({ date: z.string(), lowCelsius: z.number(), highCelsius: z.number(), rainMillimetres: z.number() })),
      }),
      annotations: { readOnlyHint: true, openWorldHint: true },
    },
    async ({ place: name, days }, { mcpReq }) => {
      const found = findPlace(name)
      return structured({ place: found.name, source: 'open-meteo.com', days: await forecast(found, days, mcpReq.signal) })
    },
  )

  return server
}

/** Structured output, and the same as text for clients that read only that. */
function structured<T extends Record<string, unknown>>(structuredContent: T) {
  return { structuredContent, content: [{ type: 'text' as const, text: JSON.stringify(structuredContent) }] }
}

const handler = createMcpHandler(build, { onerror: console.error })

export default { fetch: (request: Request): Promise<Response> => handler.fetch(request) }
