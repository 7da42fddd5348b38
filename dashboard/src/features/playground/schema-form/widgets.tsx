import {
  ariaDescribedByIds,
  enumOptionsDeselectValue,
  enumOptionsIsSelected,
  enumOptionsSelectValue,
  getInputProps,
  optionId,
  type BaseInputTemplateProps,
  type RegistryWidgetsType,
  type WidgetProps,
} from '@rjsf/utils'
import { TextArea, TextInput } from '../../../components/field.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { LabelText } from './label-text.tsx'

/** Texts with a higher maxLength use a textarea. */
const LONG_TEXT = 200

function wiring({ id, rawErrors }: Pick<WidgetProps, 'id' | 'rawErrors'>) {
  return { id, 'aria-describedby': ariaDescribedByIds(id), 'aria-invalid': (rawErrors?.length ?? 0) > 0 || undefined }
}

/** Text or number input. An empty input omits the property instead of sending an empty string. */
export function BaseInput(props: BaseInputTemplateProps) {
  const { disabled, onBlur, onChange, onChangeOverride, options, placeholder, readonly, required, schema, type, value, id } = props
  const input = getInputProps(schema, type, options)
  const isLong = input.type === 'text' && ((schema.maxLength ?? 0) > LONG_TEXT || String(value ?? '').length > 80)
  const shared = {
    ...wiring(props),
    value: (value ?? '') as string | number,
    placeholder: placeholder ?? '',
    disabled,
    readOnly: readonly,
    'aria-required': required,
    onBlur: () => onBlur(id, value),
  }
  if (isLong) {
    return <TextArea {...shared} rows={4} onChange={({ target }) => onChange(target.value === '' ? options.emptyValue : target.value)} />
  }
  return (
    <TextInput
      {...shared}
      {...input}
      onChange={onChangeOverride ?? (({ target }) => onChange(target.value === '' ? options.emptyValue : target.value))}
    />
  )
}

function TextareaWidget(props: WidgetProps) {
  const { disabled, onChange, options, readonly, required, value } = props
  return (
    <TextArea
      {...wiring(props)}
      rows={4}
      value={String(value ?? '')}
      disabled={disabled}
      readOnly={readonly}
      aria-required={required}
      onChange={({ target }) => onChange(target.value === '' ? options.emptyValue : target.value)}
    />
  )
}

/** Id of the library's unlabeled select for alternatives. */
const ALTERNATIVES_SELECT = /__(?:one|any)of_select$/

/**
 * A native select. Options cannot contain elements, so invisible characters are escaped as text.
 */
function SelectWidget(props: WidgetProps) {
  const { disabled, id, multiple, onChange, options, readonly, required, schema, value, label, hideLabel } = props
  const { enumOptions = [], emptyValue } = options
  if (multiple) return <CheckboxesWidget {...props} />
  const chosen = enumOptions.findIndex((option) => enumOptionsIsSelected(option.value, value))
  return (
    <select
      {...wiring(props)}
      {...(hideLabel || !label || ALTERNATIVES_SELECT.test(id) ? { 'aria-label': label || 'Alternative' } : {})}
      value={chosen}
      disabled={disabled || readonly}
      aria-required={required}
      onChange={({ target }) => onChange(target.value === '-1' ? emptyValue : enumOptions[Number(target.value)]?.value)}
      className="min-h-10 w-full rounded-lg border border-edge bg-ground px-3 py-2 [font-size:max(1rem,16px)] text-ink aria-invalid:border-bad disabled:opacity-60"
    >
      {(chosen === -1 || (!required && schema.default === undefined)) && <option value={-1}>{required ? 'Choose…' : 'Omit'}</option>}
      {enumOptions.map((option, index) => (
        <option key={String(option.value)} value={index}>
          {plain(option.label)}
        </option>
      ))}
    </select>
  )
}

/** Escapes invisible characters like <Untrusted>, as plain text. */
function plain(text: string): string {
  return text
    .slice(0, 300)
    .replaceAll(
      /[\u200b-\u200f\u061c\u202a-\u202e\u2060-\u2069\ufeff]/g,
      (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
}

function CheckboxesWidget(props: WidgetProps) {
  const { disabled, id, onChange, options, readonly, value } = props
  const { enumOptions = [] } = options
  const chosen = Array.isArray(value) ? value : []
  return (
    <div {...wiring(props)} role="group" className="grid grid-cols-1 gap-2">
      {enumOptions.map((option, index) => (
        <label key={String(option.value)} className="flex items-start gap-3">
          <input
            type="checkbox"
            id={optionId(id, index)}
            checked={enumOptionsIsSelected(option.value, chosen)}
            disabled={disabled || readonly}
            onChange={({ target }) =>
              onChange(
                target.checked ? enumOptionsSelectValue(index, chosen, enumOptions) : enumOptionsDeselectValue(index, chosen, enumOptions),
              )
            }
            className="mt-1 size-4 shrink-0 accent-(--accent)"
          />
          <Untrusted text={option.label} />
        </label>
      ))}
    </div>
  )
}

const YES_OR_NO = [
  { value: true, word: 'Yes' },
  { value: false, word: 'No' },
  { value: undefined, word: 'Omit' },
]

/** Radio buttons for true, false and omitted, because a checkbox has only two states. */
function CheckboxWidget(props: WidgetProps) {
  const { disabled, hideLabel, id, label, onChange, readonly, required, schema, value, options } = props
  const description = options.description ?? schema.description
  const choices = YES_OR_NO.filter((choice) => choice.value !== undefined || (!required && schema.default === undefined))
  return (
    <fieldset {...wiring(props)} className="grid grid-cols-1 gap-1">
      <legend className={hideLabel ? 'sr-only' : 'mb-1 font-semibold'}>
        <LabelText text={label} required={required} />
      </legend>
      {description && (
        <div className="text-sm text-soft">
          <Untrusted text={description} multiline />
        </div>
      )}
      <div className="flex flex-wrap gap-x-5 gap-y-1">
        {choices.map((choice) => (
          <label key={choice.word} className="flex min-h-8 items-center gap-2">
            <input
              type="radio"
              name={id}
              checked={value === choice.value}
              disabled={disabled || readonly}
              onChange={() => onChange(choice.value)}
              className="size-4 accent-(--accent)"
            />
            {choice.word}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

export const widgets: RegistryWidgetsType = {
  CheckboxWidget,
  CheckboxesWidget,
  SelectWidget,
  TextareaWidget,
  RadioWidget: SelectWidget,
}
