import { FlaskConical, Rocket, ScrollText, TriangleAlert } from 'lucide-react'
import { lazy, Suspense, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { Skeleton } from '../../components/loaded.tsx'
import { DeployPanel } from '../deploy/deploy-panel.tsx'
import { originWords } from '../deploy/draft-state.tsx'
import { EditorHeader } from '../deploy/editor-header.tsx'
import type { Place } from '../deploy/places.ts'
import { BundleMessages } from './bundle-messages.tsx'
import { AddFilesDialog } from './add-files-dialog.tsx'
import { Dock } from './dock/dock.tsx'
import { LogsPanel } from './dock/logs-panel.tsx'
import type { Jump } from './editor-area.tsx'
import { FileList } from './file-list.tsx'
import { FileNameDialog } from './file-name-dialog.tsx'
import type { Project } from './project.ts'
import { diagnosticsOf } from './diagnostics.ts'
import { ChooseFiles, DropArea } from './choose-files.tsx'
import { TypeErrors, TypeErrorsDialog } from './type-errors.tsx'
import { useSourceDeploy } from './use-source-deploy.ts'
import { useTypes } from './use-types.ts'

const TryPanel = lazy(async () => ({ default: (await import('./dock/try-panel.tsx')).TryPanel }))
const EditorArea = lazy(async () => ({ default: (await import('./editor-area.tsx')).EditorArea }))

type OpenDialog =
  | { name: 'add' | 'discard' }
  | { name: 'rename' | 'remove'; file: string }
  | { name: 'addFiles'; files: Record<string, string> }

type Panel = 'problems' | 'deploy' | 'logs' | 'try'

interface WorkspaceProps {
  tenant: string
  server: string
  project: Project
  /** Version in the query string. */
  requested: number | undefined
  active: number | null
  onLeave: () => void
  /** Keeps the draft and removes the requested version from the URL. */
  onKeep: () => void
}

export function Workspace({ tenant, server, project, requested, active, onLeave, onKeep }: WorkspaceProps) {
  const snapshot = useSyncExternalStore(project.subscribe, project.snapshot)
  const { files, main } = snapshot
  const [chosen, setChosen] = useState(main)
  const open = Object.hasOwn(files, chosen) ? chosen : main
  const text = files[open] ?? ''
  const [dialog, setDialog] = useState<OpenDialog>()
  const [panel, setPanel] = useState<Panel>('deploy')
  const [jump, setJump] = useState<Jump>()
  const { checker, found, problem: typesProblem, countErrors } = useTypes(project)
  const deploy = useSourceDeploy(
    { tenant, server },
    countErrors,
    (version, deployed) => version.state === 'ready' && project.markDeployed(version.number, deployed),
  )
  const { messages, findings, files: deployedFiles } = deploy
  const deployedText = deployedFiles[open]
  const diagnostics = useMemo(
    () => diagnosticsOf(open, text, { types: found?.[open] ?? [], messages, findings, deployedText }),
    [open, text, found, messages, findings, deployedText],
  )
  const jumpTo = ({ file, line, column }: Place) => {
    if (!Object.hasOwn(files, file)) return
    setChosen(file)
    setJump({ line, column })
  }
  const errors = Object.fromEntries(
    Object.entries(found ?? {}).map(([file, list]) => [file, list.filter(({ severity }) => severity === 'error').length]),
  )
  const problemCount = Object.values(errors).reduce((sum, count) => sum + count, 0)
  const close = () => setDialog(undefined)
  // a deploy shows its progress and result, whichever panel is open
  useEffect(() => {
    if (deploy.busy) setPanel('deploy')
  }, [deploy.busy])
  // loads the bundler early, because a change usually leads to a deploy
  useEffect(() => {
    if (snapshot.changed) void import('./bundler/bundler.ts').then(({ prepareBundler }) => prepareBundler())
  }, [snapshot.changed])

  return (
    <DropArea onFiles={(dropped) => setDialog({ name: 'addFiles', files: dropped })}>
      <EditorHeader
        title="Code"
        tenant={tenant}
        server={server}
        snapshot={snapshot}
        busy={deploy.busy}
        requested={requested}
        active={active}
        actions={<ChooseFiles label="Add files or bundle" onFiles={(chosenFiles) => setDialog({ name: 'addFiles', files: chosenFiles })} />}
        onDiscard={() => setDialog({ name: 'discard' })}
        onLeave={() => (project.discard(), onLeave())}
        onKeep={onKeep}
      />
      <div
        data-full-width
        className="overflow-hidden rounded-xl border border-line bg-sheet shadow-card lg:grid lg:h-[calc(100dvh-14.5rem)] lg:min-h-[34rem] lg:grid-rows-[minmax(0,1fr)_17rem] 2xl:grid-cols-[minmax(0,1fr)_27rem] 2xl:grid-rows-[minmax(0,1fr)]"
      >
        <div className="min-h-0 min-w-0 md:grid md:grid-cols-[13rem_minmax(0,1fr)] lg:grid-rows-[minmax(0,1fr)]">
          <div className="min-h-0 overflow-y-auto border-b border-line md:border-r md:border-b-0">
            <FileList
              files={Object.keys(files)}
              open={open}
              main={main}
              errors={errors}
              onOpen={setChosen}
              onAdd={() => setDialog({ name: 'add' })}
              onRename={(file) => setDialog({ name: 'rename', file })}
              onRemove={(file) => setDialog({ name: 'remove', file })}
              onMain={(file) => project.chooseMain(file)}
            />
          </div>
          <div className="h-[60dvh] min-h-0 min-w-0 lg:h-auto">
            <Suspense
              fallback={
                <div className="p-4">
                  <Skeleton lines={10} label="Loading the editor" />
                </div>
              }
            >
              <EditorArea
                file={open}
                text={text}
                checker={checker}
                diagnostics={diagnostics}
                jump={jump}
                onChange={(file, now) => project.write(file, now)}
                onSubmit={() => document.querySelector<HTMLFormElement>('#deploy')?.requestSubmit()}
              />
            </Suspense>
          </div>
        </div>
        <div className="min-h-0 min-w-0 border-t border-line 2xl:border-t-0 2xl:border-l">
          <Dock
            value={panel}
            onChange={setPanel}
            panels={[
              {
                value: 'problems',
                label: 'Problems',
                icon: TriangleAlert,
                ...(found ? { count: problemCount, isError: true } : {}),
                content: <TypeErrors found={found} files={files} problem={typesProblem} onJump={jumpTo} />,
              },
              {
                value: 'deploy',
                label: 'Deploy',
                icon: Rocket,
                content: (
                  <DeployPanel
                    isDocked
                    tenant={tenant}
                    server={server}
                    deploy={deploy}
                    preparation={{
                      name: 'Bundle',
                      detail: deploy.phase === 'preparing' && 'Checks the types. The first deploy loads the bundler.',
                    }}
                    onDeploy={(options) => void deploy.deploySources(project.snapshot(), options)}
                    onJump={jumpTo}
                  >
                    {messages.length > 0 && <BundleMessages messages={messages} onJump={jumpTo} />}
                  </DeployPanel>
                ),
              },
              {
                value: 'logs',
                label: 'Logs',
                icon: ScrollText,
                content: panel === 'logs' && <LogsPanel tenant={tenant} server={server} />,
              },
              {
                value: 'try',
                label: 'Try it',
                icon: FlaskConical,
                content: panel === 'try' && (
                  <Suspense fallback={<Skeleton lines={4} />}>
                    <TryPanel tenant={tenant} server={server} number={deploy.version?.number ?? active} />
                  </Suspense>
                ),
              },
            ]}
          />
        </div>
      </div>
      {deploy.phase === 'asking' && (
        <TypeErrorsDialog
          found={found ?? {}}
          count={deploy.typeErrors}
          files={files}
          onJump={jumpTo}
          onAnswer={(choice) => void deploy.answer(choice)}
        />
      )}
      {dialog?.name === 'add' && (
        <FileNameDialog
          title="Add file"
          action="Add"
          name=""
          others={files}
          onClose={close}
          onName={(name) => {
            project.add({ [name]: '' })
            setChosen(name)
            close()
          }}
        />
      )}
      {dialog?.name === 'rename' && (
        <FileNameDialog
          title={`Rename ${dialog.file}`}
          action="Rename"
          name={dialog.file}
          others={Object.fromEntries(Object.entries(files).filter(([name]) => name !== dialog.file))}
          onClose={close}
          onName={(name) => {
            project.rename(dialog.file, name)
            if (open === dialog.file) setChosen(name)
            close()
          }}
        />
      )}
      {dialog?.name === 'addFiles' && (
        <AddFilesDialog
          files={dialog.files}
          present={Object.keys(files)}
          onClose={close}
          onAdd={() => {
            project.add(dialog.files)
            setChosen(Object.keys(dialog.files)[0] ?? open)
            close()
          }}
          onBundle={(choice) => {
            void deploy.deployBundle(dialog.files, choice)
            close()
          }}
        />
      )}
      <ConfirmDialog
        open={dialog?.name === 'remove'}
        onOpenChange={close}
        title={`Delete ${dialog?.name === 'remove' ? dialog.file : ''}?`}
        action="Delete file"
        onConfirm={async () => dialog?.name === 'remove' && project.remove(dialog.file)}
      >
        Deletes the file from the draft. Existing versions keep the file.
      </ConfirmDialog>
      <ConfirmDialog
        open={dialog?.name === 'discard'}
        onOpenChange={close}
        title="Discard draft?"
        action="Discard draft"
        onConfirm={async () => {
          project.discard()
          onLeave()
        }}
      >
        All changes since {originWords(snapshot.origin)} are lost.
      </ConfirmDialog>
    </DropArea>
  )
}
