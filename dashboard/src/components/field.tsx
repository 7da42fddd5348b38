import { Check, type LucideIcon } from 'lucide-react'
import { Checkbox as RadixCheckbox, RadioGroup, Switch as RadixSwitch } from 'radix-ui'
import { createContext, type ComponentProps, type ReactNode, use, useEffect, useId, useRef } from 'react'

interface Wiring {
  id: string
  describedBy: string | undefined
  invalid: boolean
}

const FieldContext = createContext<Wiring | undefined>(undefined)

interface FieldProps {
  label: string
  hint?: ReactNode
  /** Error as a predicate of the label, such as "is taken". */
  error?: string | undefined
  optional?: boolean
  className?: string
  children: ReactNode
}

/** A control with label, hint and error, connected for screen readers. */
export function Field({ label, hint, error, optional = false, className = '', children }: FieldProps) {
  const id = useId()
  const hintId = hint ? `${id}-hint` : undefined
  const errorId = error ? `${id}-error` : undefined
  const describedBy = [errorId, hintId].filter(Boolean).join(' ') || undefined
  const place = useRef<HTMLDivElement>(null)
  // focuses the first invalid field, because it can be far above the submit button
  useEffect(() => {
    if (error) place.current?.closest('form')?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [error])
  return (
    <div ref={place} className={`grid gap-1 ${className}`}>
      <label htmlFor={id} className="font-semibold">
        {label} {optional && <span className="font-normal text-soft">(optional)</span>}
      </label>
      {hint && (
        <div id={hintId} className="text-sm text-soft">
          {hint}
        </div>
      )}
      <FieldContext value={{ id, describedBy, invalid: Boolean(error) }}>{children}</FieldContext>
      {error && (
        <p id={errorId} role="alert" className="text-sm text-bad">
          {label} {error}.
        </p>
      )}
    </div>
  )
}

function useWiring(): { id?: string; 'aria-describedby'?: string | undefined; 'aria-invalid'?: true | undefined } {
  const wiring = use(FieldContext)
  return wiring ? { id: wiring.id, 'aria-describedby': wiring.describedBy, 'aria-invalid': wiring.invalid || undefined } : {}
}

const CONTROL =
  'w-full min-h-9 rounded-lg border border-edge bg-sheet px-3 py-1.5 text-ink shadow-[inset_0_1px_2px_rgb(3_20_24/0.05)] hover:border-soft aria-invalid:border-bad disabled:opacity-60 pointer-coarse:min-h-11 pointer-coarse:[font-size:max(1rem,16px)]'

export function TextInput({ className = '', ...props }: ComponentProps<'input'>) {
  return <input {...useWiring()} {...props} className={`${CONTROL} ${className}`} />
}

export function TextArea({ className = '', ...props }: ComponentProps<'textarea'>) {
  return <textarea {...useWiring()} {...props} className={`${CONTROL} ${className}`} />
}

interface SelectProps<T extends string> extends Omit<ComponentProps<'select'>, 'value' | 'onChange'> {
  options: readonly { value: T; label: string; disabled?: boolean }[]
  value: T
  onChange: (value: T) => void
}

/** A native select, because it works well on phones and with screen readers. */
export function Select<T extends string>({ options, value, onChange, className = '', ...props }: SelectProps<T>) {
  return (
    <select
      {...useWiring()}
      {...props}
      value={value}
      onChange={(event) => {
        const chosen = options.find((option) => option.value === event.target.value)
        if (chosen) onChange(chosen.value)
      }}
      className={`${CONTROL} ${className}`}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value} disabled={option.disabled}>
          {option.label}
        </option>
      ))}
    </select>
  )
}

interface OnOffProps {
  label: string
  hint?: ReactNode
  checked: boolean
  onChange: (checked: boolean) => void
  disabled?: boolean
}

/** Takes effect immediately. A form uses {@link Checkbox} instead. */
export function Switch({ label, hint, checked, onChange, disabled = false }: OnOffProps) {
  const id = useId()
  return (
    <div className="flex items-start gap-3">
      <RadixSwitch.Root
        id={id}
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-0.5 h-6 w-11 shrink-0 rounded-full border border-edge bg-ground p-0.5 transition-colors disabled:opacity-60 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      >
        <RadixSwitch.Thumb className="block size-4.5 rounded-full bg-edge transition-transform data-[state=checked]:translate-x-5 data-[state=checked]:bg-on-accent" />
      </RadixSwitch.Root>
      <OnOffText id={id} label={label} hint={hint} />
    </div>
  )
}

export function Checkbox({ label, hint, checked, onChange, disabled = false }: OnOffProps) {
  const id = useId()
  return (
    <div className="flex items-start gap-3">
      <RadixCheckbox.Root
        id={id}
        checked={checked}
        onCheckedChange={(value) => onChange(value === true)}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-0.5 flex size-5 shrink-0 items-center justify-center rounded border border-edge bg-ground disabled:opacity-60 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      >
        <RadixCheckbox.Indicator>
          <Check aria-hidden strokeWidth={3} className="size-4 text-on-accent" />
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      <OnOffText id={id} label={label} hint={hint} />
    </div>
  )
}

function OnOffText({ id, label, hint }: { id: string; label: string; hint: ReactNode }) {
  return (
    <div className="min-w-0">
      <label htmlFor={id}>{label}</label>
      {hint && (
        <div id={`${id}-hint`} className="text-sm text-soft">
          {hint}
        </div>
      )}
    </div>
  )
}

interface RadioCardsProps<T extends string> {
  /** Accessible name of the group. */
  label: string
  options: readonly { value: T; title: string; description?: ReactNode; icon?: LucideIcon; disabled?: boolean }[]
  value: T | undefined
  onChange: (value: T) => void
  className?: string
}

/** Radio buttons with descriptions. */
export function RadioCards<T extends string>({ label, options, value, onChange, className = 'sm:grid-cols-2' }: RadioCardsProps<T>) {
  const id = useId()
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value ?? null}
      onValueChange={(chosen) => {
        const option = options.find((each) => each.value === chosen)
        if (option) onChange(option.value)
      }}
      className={`grid gap-3 ${className}`}
    >
      {options.map((option) => (
        <RadioGroup.Item
          key={option.value}
          value={option.value}
          disabled={option.disabled ?? false}
          aria-labelledby={`${id}-${option.value}`}
          aria-describedby={option.description ? `${id}-${option.value}-more` : undefined}
          className="group flex items-start gap-3 rounded-xl border border-line bg-sheet p-4 text-left shadow-card transition-[border-color,box-shadow] hover:border-edge hover:shadow-lifted disabled:opacity-60 data-[state=checked]:border-accent data-[state=checked]:bg-accent-ground data-[state=checked]:shadow-[inset_0_0_0_1px_var(--accent)]"
        >
          <span
            aria-hidden
            className="mt-1 flex size-4 shrink-0 items-center justify-center rounded-full border border-edge group-data-[state=checked]:border-accent"
          >
            <RadioGroup.Indicator className="size-2 rounded-full bg-accent" />
          </span>
          <span className="min-w-0">
            <span id={`${id}-${option.value}`} className="flex items-center gap-2 font-semibold">
              {option.icon && <option.icon aria-hidden className="size-4 shrink-0 text-soft group-data-[state=checked]:text-accent" />}
              {option.title}
            </span>
            {option.description && (
              <span id={`${id}-${option.value}-more`} className="mt-0.5 block text-sm text-soft">
                {option.description}
              </span>
            )}
          </span>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  )
}
