const RADIANS = Math.PI / 180

/**
 * Sunrise and sunset, accurate to about two minutes between the polar circles (NOAA solar
 * calculator).
 */
export interface Daylight {
  /** UTC, `HH:MM`. Null if the sun does not rise or set on the day. */
  sunrise: string | null
  sunset: string | null
  /** 0 in the polar night, 24 with the midnight sun. */
  hours: number
}

/** @param date `YYYY-MM-DD` */
export function daylight(latitude: number, longitude: number, date: string): Daylight {
  const noon = Date.parse(`${date}T12:00:00Z`)
  const dayOfYear = Math.floor((noon - Date.UTC(new Date(noon).getUTCFullYear(), 0, 0)) / 86_400_000)
  const angle = ((2 * Math.PI) / 365) * (dayOfYear - 1)

  const declination =
    0.006918 -
    0.399912 * Math.cos(angle) +
    0.070257 * Math.sin(angle) -
    0.006758 * Math.cos(2 * angle) +
    0.000907 * Math.sin(2 * angle) -
    0.002697 * Math.cos(3 * angle) +
    0.00148 * Math.sin(3 * angle)
  const equationOfTime =
    229.18 *
    (0.000075 + 0.001868 * Math.cos(angle) - 0.032077 * Math.sin(angle) - 0.014615 * Math.cos(2 * angle) - 0.040849 * Math.sin(2 * angle))

  // upper edge of the sun at the horizon, with refraction, is 90.833 degrees from the zenith
  const cosine =
    Math.cos(90.833 * RADIANS) / (Math.cos(latitude * RADIANS) * Math.cos(declination)) -
    Math.tan(latitude * RADIANS) * Math.tan(declination)
  if (cosine > 1) return { sunrise: null, sunset: null, hours: 0 }
  if (cosine < -1) return { sunrise: null, sunset: null, hours: 24 }

  const halfDay = Math.acos(cosine) / RADIANS
  const solarNoon = 720 - 4 * longitude - equationOfTime // minutes after midnight, UTC
  return {
    sunrise: clock(solarNoon - 4 * halfDay),
    sunset: clock(solarNoon + 4 * halfDay),
    hours: Math.round((8 * halfDay) / 6) / 10,
  }
}

function clock(minutes: number): string {
  const ofDay = ((Math.round(minutes) % 1_440) + 1_440) % 1_440
  return `${String(Math.floor(ofDay / 60)).padStart(2, '0')}:${String(ofDay % 60).padStart(2, '0')}`
}
