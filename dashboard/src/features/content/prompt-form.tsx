import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react'
import { Button, IconButton } from '../../components/button.tsx'
import { Checkbox, Field, Select, TextArea } from '../../components/field.tsx'
import { EntryFields } from './entry-fields.tsx'
import { type Faults, faultAt } from './faults.ts'
import {
  type ArgumentForm,
  type DocumentForm,
  type MessageForm,
  moved,
  newArgument,
  newMessage,
  type PromptForm as Prompt,
} from './form.ts'

interface PromptFormProps {
  prompt: Prompt
  documents: readonly DocumentForm[]
  faults: Faults
  /** JSON Pointer of the prompt. */
  pointer: string
  onChange: (change: Partial<Prompt>) => void
}

/** Form of a prompt with arguments and messages. */
export function PromptForm({ prompt, documents, faults, pointer, onChange }: PromptFormProps) {
  const { arguments: args, messages } = prompt
  const changeArgument = (index: number, change: Partial<ArgumentForm>) =>
    onChange({ arguments: args.map((argument, at) => (at === index ? { ...argument, ...change } : argument)) })
  const changeMessage = (index: number, change: Partial<MessageForm>) =>
    onChange({ messages: messages.map((message, at) => (at === index ? { ...message, ...change } : message)) })
  return (
    <div className="grid grid-cols-1 gap-6">
      <div className="grid gap-4 sm:grid-cols-2">
        <EntryFields
          value={prompt}
          onChange={onChange}
          faults={faults}
          pointer={pointer}
          nameHint="Identifies the prompt, such as answer-question."
        />
      </div>
      <section className="grid grid-cols-1 gap-3">
        <h2 className="font-bold">Arguments</h2>
        <p className="text-sm text-soft">
          The client asks for the arguments. Each <code>{'{{name}}'}</code> in a message is replaced by the argument of that name.
        </p>
        {args.map((argument, index) => (
          <fieldset key={argument.id} className="grid gap-4 rounded-lg border border-line p-4 sm:grid-cols-2">
            <legend className="sr-only">Argument {index + 1}</legend>
            <div className="flex items-center justify-between gap-2 sm:col-span-2">
              <span className="font-semibold">Argument {index + 1}</span>
              <IconButton
                icon={Trash2}
                label={`Delete argument ${argument.name || index + 1}`}
                onClick={() => onChange({ arguments: args.filter(({ id }) => id !== argument.id) })}
              />
            </div>
            <EntryFields
              value={argument}
              onChange={(change) => changeArgument(index, change)}
              faults={faults}
              pointer={`${pointer}/arguments/${index}`}
            />
            <Field
              label="Suggested values"
              optional
              hint="One per line. Other values are allowed too."
              error={faultAt(faults, `${pointer}/arguments/${index}/values`)}
            >
              <TextArea value={argument.values} onChange={(event) => changeArgument(index, { values: event.target.value })} rows={3} />
            </Field>
            <div className="sm:self-center">
              <Checkbox label="Required" checked={argument.required} onChange={(required) => changeArgument(index, { required })} />
            </div>
          </fieldset>
        ))}
        <ListFault label="Arguments" fault={faults.get(`${pointer}/arguments`)} />
        <div>
          <Button kind="secondary" icon={Plus} onClick={() => onChange({ arguments: [...args, newArgument()] })}>
            Add argument
          </Button>
        </div>
      </section>
      <section className="grid grid-cols-1 gap-3">
        <h2 className="font-bold">Messages</h2>
        {messages.map((message, index) => (
          <MessageFields
            key={message.id}
            message={message}
            index={index}
            count={messages.length}
            documents={documents}
            faults={faults}
            pointer={`${pointer}/messages/${index}`}
            onChange={(change) => changeMessage(index, change)}
            onMove={(by) => onChange({ messages: moved(messages, index, by) })}
            onDelete={() => onChange({ messages: messages.filter(({ id }) => id !== message.id) })}
          />
        ))}
        <ListFault label="Messages" fault={faults.get(`${pointer}/messages`)} />
        <div>
          <Button kind="secondary" icon={Plus} onClick={() => onChange({ messages: [...messages, newMessage()] })}>
            Add message
          </Button>
        </div>
      </section>
    </div>
  )
}

interface MessageFieldsProps {
  message: MessageForm
  index: number
  count: number
  documents: readonly DocumentForm[]
  faults: Faults
  pointer: string
  onChange: (change: Partial<MessageForm>) => void
  onMove: (by: -1 | 1) => void
  onDelete: () => void
}

function MessageFields({ message, index, count, documents, faults, pointer, onChange, onMove, onDelete }: MessageFieldsProps) {
  const { role, text, document } = message
  const isKnown = documents.some(({ id }) => id === document)
  return (
    <fieldset className="grid gap-4 rounded-lg border border-line p-4 sm:grid-cols-2">
      <legend className="sr-only">Message {index + 1}</legend>
      <div className="flex items-center justify-between gap-2 sm:col-span-2">
        <span className="font-semibold">Message {index + 1}</span>
        <span className="flex">
          <IconButton icon={ArrowUp} label={`Move message ${index + 1} up`} disabled={index === 0} onClick={() => onMove(-1)} />
          <IconButton icon={ArrowDown} label={`Move message ${index + 1} down`} disabled={index === count - 1} onClick={() => onMove(1)} />
          <IconButton icon={Trash2} label={`Delete message ${index + 1}`} disabled={count === 1} onClick={onDelete} />
        </span>
      </div>
      <Field label="Role" error={faults.get(`${pointer}/role`)}>
        <Select
          value={role}
          onChange={(chosen) => onChange({ role: chosen })}
          options={[
            { value: 'user', label: 'User' },
            { value: 'assistant', label: 'Assistant' },
          ]}
        />
      </Field>
      <Field label="Content">
        <Select
          value={document === undefined ? 'text' : 'document'}
          onChange={(kind) => onChange({ document: kind === 'text' ? undefined : (documents[0]?.id ?? '') })}
          options={[
            { value: 'text', label: 'Text' },
            { value: 'document', label: 'Document', disabled: documents.length === 0 },
          ]}
        />
      </Field>
      {document === undefined ? (
        <Field label="Text" className="sm:col-span-2" error={faultAt(faults, pointer)}>
          <TextArea value={text} onChange={(event) => onChange({ text: event.target.value })} rows={5} />
        </Field>
      ) : (
        <Field label="Document" className="sm:col-span-2" error={faultAt(faults, pointer)}>
          <Select
            value={document}
            onChange={(id) => onChange({ document: id })}
            options={[
              ...(isKnown ? [] : [{ value: document, label: document || 'Choose a document' }]),
              ...documents.map(({ id, uri, title, name }) => ({ value: id, label: `${title || name || 'Untitled'} (${uri || 'no URI'})` })),
            ]}
          />
        </Field>
      )}
    </fieldset>
  )
}

/** Error of a list, such as a missing entry. */
export function ListFault({ label, fault }: { label: string; fault: string | undefined }) {
  if (fault === undefined) return null
  return (
    <p role="alert" className="text-sm text-bad">
      {label} {fault}.
    </p>
  )
}
