export interface Place {
  name: string
  country: string
  latitude: number
  longitude: number
}

export const PLACES: readonly Place[] = [
  { name: 'Berlin', country: 'Germany', latitude: 52.52, longitude: 13.41 },
  { name: 'Cairo', country: 'Egypt', latitude: 30.04, longitude: 31.24 },
  { name: 'Lisbon', country: 'Portugal', latitude: 38.72, longitude: -9.14 },
  { name: 'Nairobi', country: 'Kenya', latitude: -1.29, longitude: 36.82 },
  { name: 'Reykjavik', country: 'Iceland', latitude: 64.15, longitude: -21.94 },
  { name: 'San Francisco', country: 'United States', latitude: 37.77, longitude: -122.42 },
  { name: 'Singapore', country: 'Singapore', latitude: 1.35, longitude: 103.82 },
  { name: 'Sydney', country: 'Australia', latitude: -33.87, longitude: 151.21 },
  { name: 'Tokyo', country: 'Japan', latitude: 35.68, longitude: 139.69 },
  { name: 'Tromsø', country: 'Norway', latitude: 69.65, longitude: 18.96 },
]

export function findPlace(name: string): Place {
  const place = PLACES.find((known) => known.name.toLowerCase() === name.trim().toLowerCase())
  if (!place) throw new Error(`Unknown place "${name}". Call places for the known names.`)
  return place
}
