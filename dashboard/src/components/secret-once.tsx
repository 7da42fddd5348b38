import { CopyLine } from './copy.tsx'

/** A secret in the one moment it can be seen. */
export function SecretOnce({ secret, what }: { secret: string; what: string }) {
  return (
    <div className="grid gap-3">
      <p className="rounded-lg bg-warn-ground px-4 py-3 text-warn-ink">
        This is the only time {what} is shown. Copy it now and keep it where secrets are kept.
      </p>
      <CopyLine text={secret} what={what} />
    </div>
  )
}
