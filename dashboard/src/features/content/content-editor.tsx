import { FileText, MessageSquareText, Plus } from 'lucide-react'
import { type ReactNode, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Field, TextArea, TextInput } from '../../components/field.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { DeployPanel, type DeployOptions } from '../deploy/deploy-panel.tsx'
import { originWords } from '../deploy/draft-state.tsx'
import { EditorHeader } from '../deploy/editor-header.tsx'
import { useDeploy } from '../deploy/use-deploy.ts'
import { useDeployToast } from '../deploy/use-deploy-toast.ts'
import type { ContentDraft } from './content-draft.ts'
import { DocumentForm, FileButton } from './document-form.tsx'
import { Entries } from './entries.tsx'
import { EntryFindings } from './entry-fields.tsx'
import { checkForm, countFaults, faultAt, type Faults, findingsAbout, serverFaults } from './faults.ts'
import { type ContentForm, newDocument, newPrompt, toUpload } from './form.ts'
import { ListFault, PromptForm } from './prompt-form.tsx'
import { readDocument } from './read-document.ts'

interface ContentEditorProps {
  tenant: string
  server: string
  draft: ContentDraft
  /** Version in the query string. */
  requested: number | undefined
  active: number | null
  onLeave: () => void
  /** Keeps the draft and removes the requested version from the URL. */
  onKeep: () => void
}

type View = 'prompts' | 'documents' | 'server'

const NO_FAULTS: Faults = new Map()

export function ContentEditor({ tenant, server, draft, requested, active, onLeave, onKeep }: ContentEditorProps) {
  const snapshot = useSyncExternalStore(draft.subscribe, draft.snapshot)
  const { form } = snapshot
  const { prompts, documents } = form
  const [view, setView] = useState<View>('prompts')
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const [discarding, setDiscarding] = useState(false)
  const [checked, setChecked] = useState(false)
  const [sent, setSent] = useState<ContentForm>()
  const deploy = useDeploy(tenant)
  const announce = useDeployToast(tenant)
  const faults = useMemo(() => {
    const refused = sent === form ? serverFaults(deploy.problem) : NO_FAULTS
    return new Map([...refused, ...(checked ? checkForm(form) : NO_FAULTS)])
  }, [form, checked, sent, deploy.problem])
  // the findings describe the deployed content only
  const findings = sent === form ? deploy.findings : []

  const content = useRef<HTMLDivElement>(null)
  const [seeking, setSeeking] = useState(false)
  useEffect(() => {
    if (!seeking) return
    setSeeking(false)
    content.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [seeking])
  const showOpen = (id: string, isOpen: boolean) =>
    setOpen((before) => new Set(isOpen ? [...before, id] : [...before].filter((each) => each !== id)))
  /** Opens the entry of the first error and focuses the field. */
  const seek = (found: Faults) => {
    const [, list, index] = ([...found.keys()][0] ?? '').split('/')
    if (list === 'prompts' || list === 'resources') {
      setView(list === 'prompts' ? 'prompts' : 'documents')
      const entry = (list === 'prompts' ? prompts : documents)[Number(index)]
      if (entry) showOpen(entry.id, true)
    } else setView('server')
    setSeeking(true)
  }
  const start = ({ note, activate }: DeployOptions) => {
    const found = checkForm(form)
    setChecked(true)
    if (found.size > 0) return seek(found)
    setSent(form)
    void deploy.run({
      activate,
      prepare: async () => ({ server, upload: toUpload(form, note) }),
      onVersion: ({ state, number }) => {
        if (state === 'ready') draft.markDeployed(number, form)
      },
      onEnd: (state) => announce(server, state),
    })
  }
  const addDocuments = (added: ContentForm['documents']) => {
    draft.change({ documents: [...draft.snapshot().form.documents, ...added] })
    for (const { id } of added) showOpen(id, added.length === 1)
  }
  return (
    <>
      <EditorHeader
        title="Content"
        tenant={tenant}
        server={server}
        snapshot={snapshot}
        busy={deploy.busy}
        requested={requested}
        active={active}
        onDiscard={() => setDiscarding(true)}
        onLeave={() => (draft.discard(), onLeave())}
        onKeep={onKeep}
      />
      <div className="grid grid-cols-1 gap-6">
        <div ref={content}>
          <ListFault label="Content" fault={faults.get('')} />
          <Tabs
            label="Content"
            value={view}
            onChange={setView}
            tabs={[
              {
                value: 'prompts',
                label: <Counted name="Prompts" count={prompts.length} faults={countFaults(faults, '/prompts')} />,
                content: (
                  <div className="grid grid-cols-1 gap-4">
                    {prompts.length === 0 && (
                      <EmptyState icon={MessageSquareText} title="No prompts">
                        A prompt is a template of messages that users choose in their client.
                      </EmptyState>
                    )}
                    <Entries
                      label="Prompts"
                      kind="Prompt"
                      list={prompts}
                      onChange={(list) => draft.change({ prompts: list })}
                      nameOf={({ title, name }) => title || name}
                      faultsOf={(index) => countFaults(faults, `/prompts/${index}`)}
                      open={open}
                      onOpen={showOpen}
                    >
                      {(prompt, index) => (
                        <>
                          <EntryFindings findings={findingsAbout(findings, `prompts/${prompt.name}`)} />
                          <PromptForm
                            prompt={prompt}
                            documents={documents}
                            faults={faults}
                            pointer={`/prompts/${index}`}
                            onChange={(change) => draft.change({ prompts: prompts.with(index, { ...prompt, ...change }) })}
                          />
                        </>
                      )}
                    </Entries>
                    <ListFault label="Prompts" fault={faults.get('/prompts')} />
                    <div>
                      <Button
                        kind="secondary"
                        icon={Plus}
                        onClick={() => {
                          const prompt = newPrompt()
                          draft.change({ prompts: [...prompts, prompt] })
                          showOpen(prompt.id, true)
                        }}
                      >
                        Add prompt
                      </Button>
                    </div>
                  </div>
                ),
              },
              {
                value: 'documents',
                label: <Counted name="Documents" count={documents.length} faults={countFaults(faults, '/resources')} />,
                content: (
                  <div className="grid grid-cols-1 gap-4">
                    {documents.length === 0 && (
                      <EmptyState icon={FileText} title="No documents">
                        Clients list documents as resources and read them by URI.
                      </EmptyState>
                    )}
                    <Entries
                      label="Documents"
                      kind="Document"
                      list={documents}
                      onChange={(list) => draft.change({ documents: list })}
                      nameOf={({ title, name }) => title || name}
                      detailOf={({ uri }) => uri}
                      faultsOf={(index) => countFaults(faults, `/resources/${index}`)}
                      open={open}
                      onOpen={showOpen}
                    >
                      {(document, index) => (
                        <>
                          <EntryFindings findings={findingsAbout(findings, `resources/${document.uri}`)} />
                          <DocumentForm
                            document={document}
                            faults={faults}
                            pointer={`/resources/${index}`}
                            onChange={(change) =>
                              draft.change({
                                documents: draft
                                  .snapshot()
                                  .form.documents.map((each) => (each.id === document.id ? { ...each, ...change } : each)),
                              })
                            }
                          />
                        </>
                      )}
                    </Entries>
                    <ListFault label="Documents" fault={faults.get('/resources')} />
                    <div className="flex flex-wrap gap-2">
                      <Button kind="secondary" icon={Plus} onClick={() => addDocuments([newDocument()])}>
                        Add document
                      </Button>
                      <FileButton
                        label="Add files"
                        multiple
                        onFiles={async (files) => addDocuments(await Promise.all(files.map((file) => readDocument(file, server))))}
                      />
                    </div>
                    {form.resourceTemplates.length > 0 && (
                      <p className="text-sm text-soft">
                        The resource templates of this version ({form.resourceTemplates.length}) are kept unchanged. Edit templates in the
                        folder of the server.
                      </p>
                    )}
                  </div>
                ),
              },
              {
                value: 'server',
                label: <Counted name="Instructions" faults={countFaults(faults, '/instructions') + countFaults(faults, '/server')} />,
                content: (
                  <Card>
                    <div className="grid gap-4 sm:grid-cols-2">
                      <Field
                        label="Instructions"
                        optional
                        className="sm:col-span-2"
                        hint="Clients give this text to the model, so describe when and how to use the prompts and documents."
                        error={faultAt(faults, '/instructions')}
                      >
                        <TextArea
                          value={form.instructions}
                          onChange={(event) => draft.change({ instructions: event.target.value })}
                          rows={6}
                        />
                      </Field>
                      <ServerFields
                        server={form.server}
                        slug={server}
                        faults={faults}
                        onChange={(changed) => draft.change({ server: changed })}
                      />
                    </div>
                  </Card>
                ),
              },
            ]}
          />
        </div>
        <DeployPanel tenant={tenant} server={server} deploy={deploy} onDeploy={start} />
      </div>
      <ConfirmDialog
        open={discarding}
        onOpenChange={setDiscarding}
        title="Discard draft?"
        action="Discard draft"
        onConfirm={async () => {
          draft.discard()
          onLeave()
        }}
      >
        All changes since {originWords(snapshot.origin)} are lost.
      </ConfirmDialog>
    </>
  )
}

function Counted({ name, count, faults }: { name: string; count?: number; faults: number }): ReactNode {
  return (
    <>
      {count === undefined ? name : `${name} (${count})`}
      {faults > 0 && (
        <span className="ml-2 rounded-full bg-bad-ground px-2 text-sm font-semibold text-bad">
          {faults}
          <span className="sr-only">{faults === 1 ? ' error' : ' errors'}</span>
        </span>
      )}
    </>
  )
}

interface ServerFieldsProps {
  server: ContentForm['server']
  /** Default of the server name. */
  slug: string
  faults: Faults
  onChange: (server: ContentForm['server']) => void
}

/** Name, title and version that clients see. */
function ServerFields({ server, slug, faults, onChange }: ServerFieldsProps) {
  return (
    <>
      <Field label="Server name" optional hint={`Default: ${slug}`} error={faultAt(faults, '/server/name')}>
        <TextInput
          value={server.name}
          onChange={(event) => onChange({ ...server, name: event.target.value })}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
      </Field>
      <Field label="Server title" optional hint="Shown to users." error={faultAt(faults, '/server/title')}>
        <TextInput value={server.title} onChange={(event) => onChange({ ...server, title: event.target.value })} autoComplete="off" />
      </Field>
      <Field label="Server version" error={faultAt(faults, '/server/version')}>
        <TextInput
          value={server.version}
          onChange={(event) => onChange({ ...server, version: event.target.value })}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
      </Field>
    </>
  )
}
