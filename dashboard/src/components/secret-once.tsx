import { CopyLine } from './copy.tsx'

/** Shows a secret for the only time. `name` includes the article, such as "the token". */
export function SecretOnce({ secret, name }: { secret: string; name: string }) {
  return (
    <div className="grid gap-3">
      <p className="rounded-lg bg-warn-ground px-4 py-3 text-warn-ink">Copy {name} now. You cannot view it again.</p>
      <CopyLine text={secret} what={name} />
    </div>
  )
}
