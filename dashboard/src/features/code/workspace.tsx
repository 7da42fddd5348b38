import { lazy, Suspense, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { Button } from '../../components/button.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { Skeleton } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import type { Place } from '../deploy/places.ts'
import { DeployPanel } from './deploy-panel.tsx'
import { Notices } from './draft-notices.tsx'
import { DraftState, originWords } from './draft-state.tsx'
import { DroppedDialog } from './dropped-dialog.tsx'
import type { Jump } from './editor-area.tsx'
import { FileList } from './file-list.tsx'
import { FileNameDialog } from './file-name-dialog.tsx'
import type { Project } from './project.ts'
import { remarksOn } from './remarks.ts'
import { ChooseFiles, DropArea } from './take-files.tsx'
import { TypeErrors } from './type-errors.tsx'
import { useSourceDeploy } from './use-source-deploy.ts'
import { useTypes } from './use-types.ts'

const EditorArea = lazy(async () => ({ default: (await import('./editor-area.tsx')).EditorArea }))

type Asking = { to: 'add' } | { to: 'rename' | 'remove'; file: string } | { to: 'discard' } | { to: 'take'; files: Record<string, string> }

interface WorkspaceProps {
  tenant: string
  server: string
  project: Project
  /** The version that the address asks for, if it does. */
  asked: number | undefined
  active: number | null
  onLeave: () => void
  /** Stay with the draft, whatever the address asked for. */
  onKeep: () => void
}

export function Workspace({ tenant, server, project, asked, active, onLeave, onKeep }: WorkspaceProps) {
  const snapshot = useSyncExternalStore(project.subscribe, project.snapshot)
  const { files, main } = snapshot
  const [chosen, setChosen] = useState(main)
  const open = Object.hasOwn(files, chosen) ? chosen : main
  const text = files[open] ?? ''
  const [asking, setAsking] = useState<Asking>()
  const [jump, setJump] = useState<Jump>()
  const { checker, found, problem: typesProblem } = useTypes(project)
  const deploy = useSourceDeploy({ tenant, server }, (version, was) => version.state === 'ready' && project.deployed(version.number, was))
  const { messages, findings, files: deployedFiles } = deploy
  const deployedText = deployedFiles[open]
  const remarks = useMemo(
    () => remarksOn(open, text, { types: found?.[open] ?? [], messages, findings, deployedText }),
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
  const close = () => setAsking(undefined)
  // who changes something will deploy it
  useEffect(() => {
    if (snapshot.changed) void import('./bundler/bundler.ts').then(({ prepareBundler }) => prepareBundler())
  }, [snapshot.changed])

  return (
    <DropArea onFiles={(dropped) => setAsking({ to: 'take', files: dropped })}>
      <PageHeader
        title="Code"
        context={`${tenant}/${server}`}
        actions={
          <>
            <ChooseFiles label="Add files or a bundle" onFiles={(taken) => setAsking({ to: 'take', files: taken })} />
            {snapshot.changed && (
              <Button kind="secondary" onClick={() => setAsking({ to: 'discard' })}>
                Discard the draft
              </Button>
            )}
            <Button type="submit" form="deploy" busy={deploy.busy}>
              Deploy
            </Button>
          </>
        }
      >
        <DraftState snapshot={snapshot} />
      </PageHeader>
      <Notices snapshot={snapshot} asked={asked} active={active} onLeave={() => (project.discard(), onLeave())} onKeep={onKeep} />
      <div className="grid gap-6">
        <div className="overflow-hidden rounded-2xl border border-line bg-sheet md:grid md:grid-cols-[minmax(11rem,15rem)_minmax(0,1fr)]">
          <div className="border-b border-line md:border-r md:border-b-0">
            <FileList
              files={Object.keys(files)}
              open={open}
              main={main}
              errors={errors}
              onOpen={setChosen}
              onAdd={() => setAsking({ to: 'add' })}
              onRename={(file) => setAsking({ to: 'rename', file })}
              onRemove={(file) => setAsking({ to: 'remove', file })}
              onMain={(file) => project.chooseMain(file)}
            />
          </div>
          <div className="h-[min(68dvh,44rem)] min-w-0">
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
                remarks={remarks}
                jump={jump}
                onChange={(file, now) => project.write(file, now)}
                onSubmit={() => document.querySelector<HTMLFormElement>('#deploy')?.requestSubmit()}
              />
            </Suspense>
          </div>
        </div>
        <TypeErrors found={found} files={files} problem={typesProblem} onJump={jumpTo} />
        <DeployPanel
          tenant={tenant}
          server={server}
          deploy={deploy}
          onDeploy={(options) => void deploy.deploySources(project.snapshot(), options)}
          onJump={jumpTo}
        />
      </div>
      {asking?.to === 'add' && (
        <FileNameDialog
          title="Add a file"
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
      {asking?.to === 'rename' && (
        <FileNameDialog
          title={`Rename ${asking.file}`}
          action="Rename"
          name={asking.file}
          others={Object.fromEntries(Object.entries(files).filter(([name]) => name !== asking.file))}
          onClose={close}
          onName={(name) => {
            project.rename(asking.file, name)
            if (open === asking.file) setChosen(name)
            close()
          }}
        />
      )}
      {asking?.to === 'take' && (
        <DroppedDialog
          files={asking.files}
          present={Object.keys(files)}
          onClose={close}
          onAdd={() => {
            project.add(asking.files)
            setChosen(Object.keys(asking.files)[0] ?? open)
            close()
          }}
          onBundle={(choice) => {
            void deploy.deployBundle(asking.files, choice)
            close()
          }}
        />
      )}
      <ConfirmDialog
        open={asking?.to === 'remove'}
        onOpenChange={close}
        title={`Delete ${asking?.to === 'remove' ? asking.file : ''}?`}
        action="Delete the file"
        onConfirm={async () => asking?.to === 'remove' && project.remove(asking.file)}
      >
        It goes from the draft. Versions that have it keep it.
      </ConfirmDialog>
      <ConfirmDialog
        open={asking?.to === 'discard'}
        onOpenChange={close}
        title="Discard the draft?"
        action="Discard the draft"
        onConfirm={async () => {
          project.discard()
          onLeave()
        }}
      >
        What was changed since {originWords(snapshot.origin)} is lost.
      </ConfirmDialog>
    </DropArea>
  )
}
