import {
  BookText,
  CloudSun,
  CodeXml,
  FileText,
  Hand,
  type LucideIcon,
  MessageCircleQuestion,
  PackageOpen,
  Puzzle,
  Timer,
} from 'lucide-react'
import { RadioGroup } from 'radix-ui'
import { useId } from 'react'
import type { Template } from '../../code/templates.ts'

export const BUNDLE = 'bundle'
export const BLANK = 'code'
export const CONTENT = 'content'

interface StartingPointsProps {
  templates: readonly Template[]
  value: string
  onChange: (value: string) => void
}

interface StartingPoint {
  value: string
  title: string
  description: string
  icon: LucideIcon
}

/** Icons of the templates. A template without one gets a piece of a puzzle. */
const ICONS: Record<string, LucideIcon> = {
  hello: Hand,
  weather: CloudSun,
  report: Timer,
  trip: MessageCircleQuestion,
  handbook: BookText,
}

const OWN: StartingPoint[] = [
  {
    value: BLANK,
    title: 'Blank server',
    description: 'Write TypeScript in the browser with the official SDK, then deploy from the editor.',
    icon: CodeXml,
  },
  {
    value: CONTENT,
    title: 'Prompts and documents',
    description: 'Write prompts, documents and instructions in forms. Needs no code.',
    icon: FileText,
  },
  {
    value: BUNDLE,
    title: 'Upload a bundle',
    description: 'ES modules built by esbuild, wrangler or any other bundler for Workers.',
    icon: PackageOpen,
  },
]

/** Radio buttons in two groups: templates that are live in a minute, and empty starts. */
export function StartingPoints({ templates, value, onChange }: StartingPointsProps) {
  const id = useId()
  const groups: { name: string; about: string; points: StartingPoint[] }[] = [
    {
      name: 'From a template',
      about: 'Live in a minute, and yours to change.',
      points: templates.map(({ name, title, description, egress }) => ({
        value: name,
        title,
        description: egress.length > 0 ? `${description} Connects to ${egress.join(', ')}.` : description,
        icon: ICONS[name] ?? Puzzle,
      })),
    },
    { name: 'From scratch', about: 'Your own code, your own bundle, or no code at all.', points: OWN },
  ]
  return (
    <RadioGroup.Root aria-label="Starting point" value={value} onValueChange={onChange} className="grid gap-7">
      {groups.map(({ name, about, points }) => (
        <div key={name}>
          <p className="mb-2.5">
            <span className="font-bold tracking-tight">{name}</span> <span className="text-sm text-soft">{about}</span>
          </p>
          <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
            {points.map(({ value: each, title, description, icon: Icon }) => (
              <RadioGroup.Item
                key={each}
                value={each}
                aria-labelledby={`${id}-${each}`}
                aria-describedby={`${id}-${each}-more`}
                className="group flex items-start gap-3 rounded-xl border border-line bg-sheet p-4 text-left shadow-card transition-[border-color,box-shadow] hover:border-edge hover:shadow-lifted data-[state=checked]:border-accent data-[state=checked]:shadow-[inset_0_0_0_1px_var(--accent)]"
              >
                <span
                  aria-hidden
                  className="flex size-9 shrink-0 items-center justify-center rounded-lg bg-ground text-soft group-data-[state=checked]:bg-accent group-data-[state=checked]:text-on-accent"
                >
                  <Icon className="size-4.5" />
                </span>
                <span className="min-w-0">
                  <span id={`${id}-${each}`} className="block font-semibold">
                    {title}
                  </span>
                  <span id={`${id}-${each}-more`} className="mt-0.5 block text-sm text-soft">
                    {description}
                  </span>
                </span>
              </RadioGroup.Item>
            ))}
          </div>
        </div>
      ))}
    </RadioGroup.Root>
  )
}
