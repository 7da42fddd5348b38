import type { Place } from './places.ts'

/** Opens a place in the sources. */
export function PlaceButton({ place, onJump }: { place: Place; onJump: (place: Place) => void }) {
  return (
    <button type="button" onClick={() => onJump(place)} className="link font-mono text-sm">
      {place.file}:{place.line}
    </button>
  )
}
