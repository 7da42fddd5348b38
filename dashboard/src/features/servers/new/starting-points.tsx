import { RadioCards } from '../../../components/field.tsx'
import type { Template } from '../../code/templates.ts'

export const BUNDLE = 'bundle'
export const BLANK = 'code'
export const CONTENT = 'content'

interface StartingPointsProps {
  templates: readonly Template[]
  value: string
  onChange: (value: string) => void
}

export function StartingPoints({ templates, value, onChange }: StartingPointsProps) {
  return (
    <RadioCards
      label="Starting point"
      value={value}
      onChange={onChange}
      options={[
        ...templates.map(({ name: value, title, description, egress }) => ({
          value,
          title,
          description: (
            <>
              {description}
              {egress.length > 0 && ` Connects to ${egress.join(', ')}.`}
            </>
          ),
        })),
        {
          value: BLANK,
          title: 'Blank server',
          description: 'Write TypeScript in the browser with the official SDK, then deploy from the editor.',
        },
        {
          value: CONTENT,
          title: 'Prompts and documents',
          description: 'Write prompts, documents and instructions in forms. Needs no code.',
        },
        {
          value: BUNDLE,
          title: 'Upload a bundle',
          description: 'ES modules built by esbuild, wrangler or any other bundler for Workers.',
        },
      ]}
    />
  )
}
