/** First letter of a name on a tile. The color depends on the name, so lists can be scanned. */
export function Monogram({ name, className = 'size-10 text-lg' }: { name: string; className?: string }) {
  const [letter] = /[\p{L}\p{N}]/u.exec(name) ?? ['·']
  let sum = 0
  for (const character of name) sum = (sum + (character.codePointAt(0) ?? 0)) % TONES.length
  return (
    <span aria-hidden className={`flex shrink-0 items-center justify-center rounded-[22%] font-extrabold ${TONES[sum] ?? ''} ${className}`}>
      {letter.toUpperCase()}
    </span>
  )
}

const TONES = ['bg-accent-ground text-accent', 'bg-buoy text-deep', 'bg-deep text-on-deep', 'bg-good-ground text-good']
