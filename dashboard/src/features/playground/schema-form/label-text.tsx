import { Untrusted } from '../../../components/untrusted.tsx'

/** Label of a field, marked if optional. */
export function LabelText({ text, required }: { text: string; required: boolean | undefined }) {
  return (
    <>
      <Untrusted text={text} />
      {required !== true && <span className="font-normal text-soft"> (optional)</span>}
    </>
  )
}
