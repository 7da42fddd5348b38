import { RadioCards } from '../../../components/field.tsx'
import type { Template } from '../../code/templates.ts'

export const BUNDLE = 'bundle'
export const BLANK = 'code'

interface StartingPointsProps {
  templates: readonly Template[]
  value: string
  onChange: (value: string) => void
}

export function StartingPoints({ templates, value, onChange }: StartingPointsProps) {
  return (
    <RadioCards
      label="What it is made of"
      value={value}
      onChange={onChange}
      options={[
        ...templates.map(({ name: value, title, description, egress }) => ({
          value,
          title,
          description: (
            <>
              {description}
              {egress.length > 0 && ` It may reach ${egress.join(', ')}.`}
            </>
          ),
        })),
        {
          value: BLANK,
          title: 'Code of your own',
          description: 'TypeScript, written in the browser with the official SDK at hand. It is live once you deploy it from the editor.',
        },
        {
          value: BUNDLE,
          title: 'A bundle of your own',
          description: 'ES modules built elsewhere: by esbuild, wrangler, or anything that makes a Worker.',
        },
      ]}
    />
  )
}
