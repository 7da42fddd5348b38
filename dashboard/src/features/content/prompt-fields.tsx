import { Plus } from 'lucide-react'
import { Button } from '../../components/button.tsx'
import { Checkbox, Field, Select, TextArea, TextInput } from '../../components/field.tsx'
import { EntryFrame } from './entry-frame.tsx'
import type { Faults } from './faults.ts'
import { type ArgumentForm, type DocumentForm, type MessageForm, newArgument, newMessage, type PromptForm } from './form.ts'

interface PromptFieldsProps {
  prompt: PromptForm
  number: number
  /** JSON Pointer of the prompt in the manifest. */
  pointer: string
  faults: Faults
  /** Documents that a message can embed. */
  documents: readonly DocumentForm[]
  onChange: (prompt: PromptForm) => void
  onRemove: () => void
  onMove: (by: -1 | 1) => void
}

/** Fields of a prompt: names, arguments and messages. */
export function PromptFields({ prompt, number, pointer, faults, documents, onChange, onRemove, onMove }: PromptFieldsProps) {
  const { name, title, description, arguments: list, messages } = prompt
  const change = (changes: Partial<PromptForm>) => onChange({ ...prompt, ...changes })
  const fault = (field: string) => faults.get(`${pointer}/${field}`)
  const label = `Prompt ${number}`
  return (
    <EntryFrame label={label} name={name} onRemove={onRemove} onMove={onMove}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name" hint="For example answer-question." error={fault('name')}>
          <TextInput value={name} onChange={(event) => change({ name: event.target.value })} autoComplete="off" spellCheck={false} />
        </Field>
        <Field label="Title" optional hint="Shown to users by apps." error={fault('title')}>
          <TextInput value={title} onChange={(event) => change({ title: event.target.value })} autoComplete="off" />
        </Field>
        <Field label="Description" optional error={fault('description')} className="sm:col-span-2">
          <TextInput value={description} onChange={(event) => change({ description: event.target.value })} autoComplete="off" />
        </Field>
      </div>
      <div className="mt-4 grid gap-4">
        {list.map((argument, index) => (
          <ArgumentFields
            key={argument.id}
            argument={argument}
            label={`Argument ${index + 1} of prompt ${number}`}
            pointer={`${pointer}/arguments/${index}`}
            faults={faults}
            onChange={(changed) => change({ arguments: list.with(index, changed) })}
            onRemove={() => change({ arguments: list.toSpliced(index, 1) })}
          />
        ))}
        {messages.map((message, index) => (
          <MessageFields
            key={message.id}
            message={message}
            label={`Message ${index + 1} of prompt ${number}`}
            pointer={`${pointer}/messages/${index}`}
            faults={faults}
            documents={documents}
            onChange={(changed) => change({ messages: messages.with(index, changed) })}
            onRemove={() => change({ messages: messages.toSpliced(index, 1) })}
          />
        ))}
        {fault('messages') && (
          <p role="alert" className="text-sm text-bad">
            Messages {fault('messages')}.
          </p>
        )}
        {fault('arguments') && (
          <p role="alert" className="text-sm text-bad">
            Arguments {fault('arguments')}.
          </p>
        )}
        <div className="flex flex-wrap gap-2">
          <Button kind="secondary" icon={Plus} onClick={() => change({ arguments: [...list, newArgument()] })}>
            Add argument
          </Button>
          <Button kind="secondary" icon={Plus} onClick={() => change({ messages: [...messages, newMessage()] })}>
            Add message
          </Button>
        </div>
      </div>
    </EntryFrame>
  )
}

interface PartProps {
  label: string
  pointer: string
  faults: Faults
  onRemove: () => void
}

function ArgumentFields({
  argument,
  label,
  pointer,
  faults,
  onChange,
  onRemove,
}: PartProps & { argument: ArgumentForm; onChange: (argument: ArgumentForm) => void }) {
  const change = (changes: Partial<ArgumentForm>) => onChange({ ...argument, ...changes })
  const fault = (field: string) => faults.get(`${pointer}/${field}`)
  return (
    <EntryFrame label={label} name={argument.name} onRemove={onRemove}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name" hint={`Messages use the value as {{${argument.name || 'name'}}}.`} error={fault('name')}>
          <TextInput
            value={argument.name}
            onChange={(event) => change({ name: event.target.value })}
            autoComplete="off"
            spellCheck={false}
          />
        </Field>
        <Field label="Description" optional hint="Shown beside the argument." error={fault('description')}>
          <TextInput value={argument.description} onChange={(event) => change({ description: event.target.value })} autoComplete="off" />
        </Field>
        <Field label="Suggested values" optional hint="One per line." error={fault('values')} className="sm:col-span-2">
          <TextArea value={argument.values} onChange={(event) => change({ values: event.target.value })} rows={2} />
        </Field>
        <Checkbox label="Required" checked={argument.required} onChange={(required) => change({ required })} />
      </div>
    </EntryFrame>
  )
}

const TEXT = ''

function MessageFields({
  message,
  label,
  pointer,
  faults,
  documents,
  onChange,
  onRemove,
}: PartProps & { message: MessageForm; documents: readonly DocumentForm[]; onChange: (message: MessageForm) => void }) {
  const { role, text, resource } = message
  const change = (changes: Partial<MessageForm>) => onChange({ ...message, ...changes })
  const fault = (field: string) => faults.get(`${pointer}/${field}`)
  const uris = [...new Set([...documents.map(({ uri }) => uri).filter((uri) => uri !== ''), ...(resource === undefined ? [] : [resource])])]
  return (
    <EntryFrame label={label} name="" onRemove={onRemove}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Role">
          <Select
            value={role}
            onChange={(chosen) => change({ role: chosen })}
            options={[
              { value: 'user', label: 'User' },
              { value: 'assistant', label: 'Assistant' },
            ]}
          />
        </Field>
        <Field label="Content" error={fault('resource')}>
          <Select
            value={resource ?? TEXT}
            onChange={(chosen) => change({ resource: chosen === TEXT ? undefined : chosen })}
            options={[{ value: TEXT, label: 'Text' }, ...uris.map((uri) => ({ value: uri, label: `Document ${uri}` }))]}
          />
        </Field>
        {resource === undefined && (
          <Field
            label="Text"
            hint="Put an argument in double braces, such as {{question}}."
            error={fault('text')}
            className="sm:col-span-2"
          >
            <TextArea value={text} onChange={(event) => change({ text: event.target.value })} rows={4} />
          </Field>
        )}
      </div>
    </EntryFrame>
  )
}
