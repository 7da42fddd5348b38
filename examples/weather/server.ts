import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { daylight } from './daylight.ts'
import { forecast } from './forecast.ts'
import { findPlace, PLACES } from './places.ts'

const place = z.string().min(1).max(100).describe('Name of a place from the tool `places`')

function build(): McpServer {
  const server = new McpServer(
    { name: 'weather', version: '1.0.0' },
    { instructions: 'Forecasts and daylight for ten cities. Call `places` for the names.' },
  )

  server.registerTool(
    'places',
    {
      title: 'Places',
      description: 'Lists the known places with their coordinates.',
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
      description: 'Returns sunrise and sunset (UTC) and the hours of daylight for a place and a day. Accurate to about two minutes.',
      inputSchema: z.object({ place, date: z.iso.date().describe('Day, YYYY-MM-DD') }),
      outputSchema: z.object({
        place: z.string(),
        date: z.string(),
        sunrise: z.string().nullable().describe('HH:MM, UTC. Null if the sun does not rise'),
        sunset: z.string().nullable().describe('HH:MM, UTC. Null if the sun does not set'),
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
      description: 'Returns the forecast of open-meteo.com for a place and the next days.',
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

/** Returns structured output, and a copy as text for older clients. */
function structured<T extends Record<string, unknown>>(structuredContent: T) {
  return { structuredContent, content: [{ type: 'text' as const, text: JSON.stringify(structuredContent) }] }
}

const handler = createMcpHandler(build, { onerror: console.error })

export default { fetch: (request: Request): Promise<Response> => handler.fetch(request) }
