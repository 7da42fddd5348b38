import { FileUp, Plus } from 'lucide-react'
import { useRef, useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Field, TextArea, TextInput } from '../../components/field.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { useChanges } from '../../forms/changes.ts'
import { DeployPanel, type DeployOptions } from '../deploy/deploy-panel.tsx'
import { useDeploy } from '../deploy/use-deploy.ts'
import { DocumentFields } from './document-fields.tsx'
import { checkForm, type Faults, serverFaults } from './faults.ts'
import { type ContentForm, moved, newDocument, newPrompt, toUpload } from './form.ts'
import { PromptFields } from './prompt-fields.tsx'
import { readDocument } from './read-document.ts'

const NO_FAULTS: Faults = new Map()

interface ContentEditorProps {
  tenant: string
  server: string
  form: ContentForm
  version: number | undefined
  replacesCode: boolean
}

/**
 * Forms for instructions, prompts and documents, and their deploy. Unsaved changes survive a
 * reload.
 */
export function ContentEditor({ tenant, server, form, version, replacesCode }: ContentEditorProps) {
  const [saved, setSaved] = useState(form)
  const { values, change, isChanged, markSaved } = useChanges<ContentForm>('content', saved)
  const [faults, setFaults] = useState(NO_FAULTS)
  const deploy = useDeploy(tenant)
  const files = useRef<HTMLInputElement>(null)
  const { prompts, documents } = values
  const current = deploy.version?.state === 'ready' ? deploy.version.number : version
  const shown = deploy.phase === 'failed' && faults.size === 0 ? serverFaults(deploy.problem) : faults

  const onDeploy = ({ note, activate }: DeployOptions) => {
    const found = checkForm(values)
    setFaults(found)
    if (found.size > 0) return
    const sent = values
    void deploy.run({
      activate,
      prepare: () => Promise.resolve({ server, upload: toUpload(sent, note) }),
      onVersion: ({ state }) => {
        if (state === 'refused') return
        setSaved(sent)
        markSaved(sent)
      },
    })
  }
  const addFiles = async (list: FileList | null) => {
    const added = await Promise.all([...(list ?? [])].map((file) => readDocument(file, server)))
    if (added.length > 0) change({ documents: [...documents, ...added] })
  }

  return (
    <>
      <PageHeader
        title="Prompts and documents"
        context={`${tenant}/${server}`}
        actions={
          <Button type="submit" form="deploy" busy={deploy.busy}>
            Deploy
          </Button>
        }
      >
        {isChanged ? 'Unsaved changes.' : current === undefined ? 'Nothing is deployed yet.' : `From version ${current}.`} Clients get
        prompts and documents without any code.
        {replacesCode && current === undefined && ' The active version runs code. A deploy from here replaces it; a rollback restores it.'}
      </PageHeader>
      <form className="grid gap-6" onSubmit={(event) => event.preventDefault()}>
        {shown.has('') && (
          <p role="alert" className="text-bad">
            The content {shown.get('')}.
          </p>
        )}
        <Card title="Server">
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Title" optional hint="Shown to users by apps." error={shown.get('/server/title')}>
              <TextInput
                value={values.server.title}
                onChange={(event) => change({ server: { ...values.server, title: event.target.value } })}
                autoComplete="off"
              />
            </Field>
            <Field label="Version" hint="Shown to apps, for example 1.0.0." error={shown.get('/server/version')}>
              <TextInput
                value={values.server.version}
                onChange={(event) => change({ server: { ...values.server, version: event.target.value } })}
                autoComplete="off"
              />
            </Field>
            <Field
              label="Instructions"
              optional
              hint="Tells the model how to use the prompts and documents."
              error={shown.get('/instructions')}
              className="sm:col-span-2"
            >
              <TextArea value={values.instructions} onChange={(event) => change({ instructions: event.target.value })} rows={4} />
            </Field>
          </div>
        </Card>
        <Card
          title={`Prompts (${prompts.length})`}
          actions={
            <Button kind="secondary" icon={Plus} onClick={() => change({ prompts: [...prompts, newPrompt()] })}>
              Add prompt
            </Button>
          }
        >
          {prompts.length === 0 && <p className="text-soft">A prompt is a message template that users choose in their app.</p>}
          {shown.has('/prompts') && (
            <p role="alert" className="text-sm text-bad">
              Prompts {shown.get('/prompts')}.
            </p>
          )}
          <div className="grid gap-6">
            {prompts.map((prompt, index) => (
              <PromptFields
                key={prompt.id}
                prompt={prompt}
                number={index + 1}
                pointer={`/prompts/${index}`}
                faults={shown}
                documents={documents}
                onChange={(changed) => change({ prompts: prompts.with(index, changed) })}
                onRemove={() => change({ prompts: prompts.toSpliced(index, 1) })}
                onMove={(by) => change({ prompts: moved(prompts, index, by) })}
              />
            ))}
          </div>
        </Card>
        <Card
          title={`Documents (${documents.length})`}
          actions={
            <div className="flex flex-wrap gap-2">
              <input
                ref={files}
                type="file"
                multiple
                aria-label="Upload files"
                tabIndex={-1}
                className="hidden"
                onChange={(event) => {
                  void addFiles(event.target.files).finally(() => (event.target.value = ''))
                }}
              />
              <Button kind="secondary" icon={FileUp} onClick={() => files.current?.click()}>
                Upload files
              </Button>
              <Button kind="secondary" icon={Plus} onClick={() => change({ documents: [...documents, newDocument()] })}>
                Add document
              </Button>
            </div>
          }
        >
          {shown.has('/resources') && (
            <p role="alert" className="text-sm text-bad">
              Documents {shown.get('/resources')}.
            </p>
          )}
          {documents.length === 0 && <p className="text-soft">A document is a resource that apps can read, such as a guide or an image.</p>}
          <div className="grid gap-6">
            {documents.map((document, index) => (
              <DocumentFields
                key={document.id}
                document={document}
                number={index + 1}
                pointer={`/resources/${index}`}
                faults={shown}
                onChange={(changed) => change({ documents: documents.with(index, changed) })}
                onRemove={() => change({ documents: documents.toSpliced(index, 1) })}
                onMove={(by) => change({ documents: moved(documents, index, by) })}
              />
            ))}
          </div>
        </Card>
        {values.resourceTemplates.length > 0 && (
          <p className="text-soft">
            {values.resourceTemplates.length} resource {values.resourceTemplates.length === 1 ? 'template is' : 'templates are'} kept
            unchanged. Edit templates in a terminal.
          </p>
        )}
      </form>
      <div className="mt-6">
        {faults.size > 0 && (
          <p role="alert" className="mb-3 text-bad">
            {faults.size === 1 ? 'One field is not valid.' : `${faults.size} fields are not valid.`} Correct the marked fields, then deploy.
          </p>
        )}
        <DeployPanel tenant={tenant} server={server} deploy={deploy} onDeploy={onDeploy} />
      </div>
    </>
  )
}
