/** Price in euros for one traveller and one night. */
export const DESTINATIONS: Readonly<Record<string, number>> = { Bergen: 140, Kyoto: 120, Lisbon: 90, Marrakesh: 70, Valparaíso: 65 }

export function priceOf(destination: string, nights: number, travellers: number): number {
  const perNight = DESTINATIONS[destination]
  if (perNight === undefined) throw new Error(`No trips go to ${destination}.`)
  return perNight * nights * travellers
}
