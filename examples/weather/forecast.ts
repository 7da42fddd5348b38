import { z } from 'zod'
import type { Place } from './places.ts'

export interface Day {
  date: string
  lowCelsius: number
  highCelsius: number
  rainMillimetres: number
}

/** The used part of a response from open-meteo.com. */
const answer = z.object({
  daily: z.object({
    time: z.array(z.string()),
    temperature_2m_min: z.array(z.number()),
    temperature_2m_max: z.array(z.number()),
    precipitation_sum: z.array(z.number()),
  }),
})

/** Returns the forecast. Throws an error with a sentence for the user. */
export async function forecast({ latitude, longitude }: Place, days: number, signal: AbortSignal): Promise<Day[]> {
  const url = new URL('https://api.open-meteo.com/v1/forecast')
  url.search = new URLSearchParams({
    latitude: String(latitude),
    longitude: String(longitude),
    daily: 'temperature_2m_min,temperature_2m_max,precipitation_sum',
    timezone: 'UTC',
    forecast_days: String(days),
  }).toString()
  const response = await fetch(url, { signal })
  if (!response.ok) throw new Error(`api.open-meteo.com answered ${response.status}: ${(await response.text()).slice(0, 200)}`)
  const { daily } = answer.parse(await response.json())
  return daily.time.map((date, index) => ({
    date,
    lowCelsius: daily.temperature_2m_min[index] ?? Number.NaN,
    highCelsius: daily.temperature_2m_max[index] ?? Number.NaN,
    rainMillimetres: daily.precipitation_sum[index] ?? Number.NaN,
  }))
}
