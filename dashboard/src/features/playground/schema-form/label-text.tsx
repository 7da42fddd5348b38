import { Untrusted } from '../../../components/untrusted.tsx'

/** What the schema calls a field, and whether it may be left out. */
export function LabelText({ text, required }: { text: string; required: boolean | undefined }) {
  return (
    <>
      <Untrusted text={text} />
      {required !== true && <span className="font-normal text-soft"> (optional)</span>}
    </>
  )
}
