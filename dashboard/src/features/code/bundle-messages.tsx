import { Untrusted } from '../../components/untrusted.tsx'
import { SeverityBadge } from '../deploy/findings.tsx'
import { PlaceButton } from '../deploy/place-button.tsx'
import type { Place } from '../deploy/places.ts'
import type { BundleMessage } from './bundler/bundle.ts'

/** Errors and warnings of the bundler with links into the sources. */
export function BundleMessages({ messages, onJump }: { messages: readonly BundleMessage[]; onJump: (place: Place) => void }) {
  return (
    <ul aria-label="Bundler messages" className="grid gap-3">
      {messages.map(({ severity, text, hint, place }) => (
        <li key={`${place?.file}:${place?.line}:${place?.column} ${text}`} className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
          <SeverityBadge severity={severity} />
          {place && <PlaceButton place={place} onJump={onJump} />}
          <span className="min-w-0 basis-full sm:basis-0 sm:grow">
            <Untrusted text={text} multiline />
            {hint && (
              <span className="block text-sm text-soft">
                <Untrusted text={hint} />
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}
