import type { ThemeProps } from '@rjsf/core/lib/withTheme.js'
import {
  ADDITIONAL_PROPERTY_FLAG,
  buttonId,
  canExpand,
  descriptionId,
  errorId,
  titleId,
  type ArrayFieldItemTemplateProps,
  type ArrayFieldTemplateProps,
  type CyclicSchemaExpandProps,
  type DescriptionFieldProps,
  type FieldErrorProps,
  type FieldTemplateProps,
  type IconButtonProps,
  type MultiSchemaFieldTemplateProps,
  type ObjectFieldTemplateProps,
  type UnsupportedFieldProps,
  type WrapIfAdditionalTemplateProps,
} from '@rjsf/utils'
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, IconButton } from '../../../components/button.tsx'
import { TextInput } from '../../../components/field.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { LabelText } from './label-text.tsx'
import { BaseInput } from './widgets.tsx'

/* Replaces all templates of the form library, so no schema text is rendered as markup. */

function FieldTemplate(props: FieldTemplateProps) {
  const { id, label, children, errors, description, hidden, required, displayLabel } = props
  if (hidden) return <div hidden>{children}</div>
  return (
    <WrapIfAdditionalTemplate {...props}>
      <div className="grid grid-cols-1 gap-1">
        {displayLabel && (
          <label htmlFor={id} className="font-semibold">
            <LabelText text={label} required={required} />
          </label>
        )}
        {displayLabel && description}
        {children}
        {errors}
      </div>
    </WrapIfAdditionalTemplate>
  )
}

/** An additional property, with an input for the name. */
function WrapIfAdditionalTemplate({
  id,
  children,
  disabled,
  label,
  onKeyRenameBlur,
  onRemoveProperty,
  readonly,
  schema,
}: Pick<
  WrapIfAdditionalTemplateProps,
  'id' | 'children' | 'disabled' | 'label' | 'onKeyRenameBlur' | 'onRemoveProperty' | 'readonly' | 'schema'
>) {
  if (!(ADDITIONAL_PROPERTY_FLAG in schema)) return children
  return (
    <div className="flex flex-wrap items-end gap-2">
      <div className="grid flex-1 basis-40 gap-1">
        <label htmlFor={`${id}-key`} className="font-semibold">
          Name
        </label>
        <TextInput id={`${id}-key`} defaultValue={label} onBlur={onKeyRenameBlur} disabled={disabled} readOnly={readonly} />
      </div>
      <div className="flex-1 basis-40">{children}</div>
      <IconButton icon={Trash2} label={`Remove ${label}`} onClick={onRemoveProperty} disabled={disabled || readonly} />
    </div>
  )
}

function Group({
  id,
  title,
  required,
  description,
  children,
}: {
  id: string
  title: ReactNode
  required: boolean | undefined
  description: ReactNode
  children: ReactNode
}) {
  return (
    <fieldset id={id} className="min-w-0 rounded-xl border border-line p-4">
      {title && (
        <legend className="px-1 font-semibold">
          {title}
          {required !== true && <span className="font-normal text-soft"> (optional)</span>}
        </legend>
      )}
      <div className="grid grid-cols-1 gap-4">
        {description}
        {children}
      </div>
    </fieldset>
  )
}

function ObjectFieldTemplate({
  description,
  disabled,
  fieldPathId,
  formData,
  onAddProperty,
  properties,
  readonly,
  registry,
  required,
  schema,
  title,
  uiSchema,
}: ObjectFieldTemplateProps) {
  const { AddButton } = registry.templates.ButtonTemplates
  const content = (
    <>
      {properties.map(({ content: property, name }) => (
        <div key={name}>{property}</div>
      ))}
      {canExpand(schema, uiSchema, formData) && (
        <AddButton id={buttonId(fieldPathId, 'add')} onClick={onAddProperty} disabled={disabled || readonly} registry={registry} />
      )}
    </>
  )
  const about = description && <Description id={descriptionId(fieldPathId)} text={description} />
  // the page already shows the title and description of the tool
  if (fieldPathId.path.length === 0 || !title) return <div className="grid grid-cols-1 gap-4">{content}</div>
  return (
    <Group
      id={fieldPathId.$id}
      title={
        title && (
          <span id={titleId(fieldPathId)}>
            <Untrusted text={title} />
          </span>
        )
      }
      required={required}
      description={about}
    >
      {content}
    </Group>
  )
}

function ArrayFieldTemplate({
  canAdd,
  disabled,
  fieldPathId,
  items,
  onAddClick,
  rawErrors,
  readonly,
  registry,
  required,
  schema,
  title,
}: ArrayFieldTemplateProps) {
  const { AddButton } = registry.templates.ButtonTemplates
  const about = schema.description && <Description id={descriptionId(fieldPathId)} text={schema.description} />
  return (
    <Group id={fieldPathId.$id} title={title && <Untrusted text={title} />} required={required} description={about}>
      {items}
      {items.length === 0 && <p className="text-soft">Empty.</p>}
      {canAdd && <AddButton id={buttonId(fieldPathId, 'add')} onClick={onAddClick} disabled={disabled || readonly} registry={registry} />}
      {rawErrors && rawErrors.length > 0 && <span className="sr-only">This list is invalid.</span>}
    </Group>
  )
}

function ArrayFieldItemTemplate({ children, buttonsProps, hasToolbar, index }: ArrayFieldItemTemplateProps) {
  const { hasMoveDown, hasMoveUp, hasRemove, onMoveDownItem, onMoveUpItem, onRemoveItem, disabled, readonly } = buttonsProps
  const off = disabled || readonly
  const name = `item ${index + 1}`
  return (
    <div className="flex flex-wrap items-end gap-1">
      <div className="min-w-0 flex-1 basis-48">{children}</div>
      {hasToolbar && (
        <div className="flex">
          {(hasMoveUp || hasMoveDown) && (
            <>
              <IconButton icon={ArrowUp} label={`Move ${name} up`} onClick={onMoveUpItem} disabled={off || !hasMoveUp} />
              <IconButton icon={ArrowDown} label={`Move ${name} down`} onClick={onMoveDownItem} disabled={off || !hasMoveDown} />
            </>
          )}
          {hasRemove && <IconButton icon={Trash2} label={`Remove ${name}`} onClick={onRemoveItem} disabled={off} />}
        </div>
      )}
    </div>
  )
}

function AddButton({ id, onClick, disabled }: IconButtonProps) {
  return (
    <Button id={id} kind="secondary" icon={Plus} onClick={onClick} disabled={disabled} className="justify-self-start">
      Add item
    </Button>
  )
}

function Description({ id, text }: { id: string; text: ReactNode }) {
  return (
    <div
      id={id}
      {...(typeof text === 'string' && text.length > 600 ? { tabIndex: 0, role: 'group', 'aria-label': 'Description' } : {})}
      className="max-h-40 overflow-y-auto text-sm text-soft"
    >
      {typeof text === 'string' ? <Untrusted text={text} multiline /> : text}
    </div>
  )
}

function DescriptionFieldTemplate({ id, description }: DescriptionFieldProps) {
  return description ? <Description id={id} text={description} /> : null
}

function FieldErrorTemplate({ errors = [], fieldPathId, schema }: FieldErrorProps) {
  if (errors.length === 0) return null
  const last = fieldPathId.path.at(-1)
  const subject = typeof last === 'number' ? `Item ${last + 1}` : (schema.title ?? last ?? 'Value')
  return (
    <div id={errorId(fieldPathId)} role="alert" className="text-sm text-bad">
      {errors.map((error) => (
        <p key={String(error)}>{typeof error === 'string' ? <Untrusted text={`${subject} ${error}.`} /> : error}</p>
      ))}
    </div>
  )
}

/** A select for alternatives, with the fields of the selected alternative. */
function MultiSchemaFieldTemplate({ selector, optionSchemaField }: MultiSchemaFieldTemplateProps) {
  return (
    <div className="grid grid-cols-1 gap-4">
      <div className="grid grid-cols-1 gap-1">
        <p className="text-sm text-soft">Choose an alternative:</p>
        {selector}
      </div>
      {optionSchemaField}
    </div>
  )
}

function CyclicSchemaExpandTemplate({ name, fieldPathId, onExpand }: CyclicSchemaExpandProps) {
  return (
    <Button kind="secondary" icon={Plus} onClick={() => onExpand(fieldPathId.$id)} className="justify-self-start">
      Expand <Untrusted text={name} />
    </Button>
  )
}

function UnsupportedFieldTemplate({ fieldPathId }: UnsupportedFieldProps) {
  return (
    <p id={fieldPathId?.$id} className="rounded-lg bg-warn-ground px-4 py-3 text-warn-ink">
      This part has no form. Use the JSON tab.
    </p>
  )
}

export const templates: NonNullable<ThemeProps<Record<string, unknown>>['templates']> = {
  ButtonTemplates: { AddButton },
  FieldTemplate,
  ObjectFieldTemplate,
  ArrayFieldTemplate,
  ArrayFieldItemTemplate,
  BaseInputTemplate: BaseInput,
  CyclicSchemaExpandTemplate,
  DescriptionFieldTemplate,
  FieldErrorTemplate,
  MultiSchemaFieldTemplate,
  UnsupportedFieldTemplate,
  ErrorListTemplate: () => null,
}
