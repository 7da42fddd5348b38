import { useState } from 'react'
import { Card } from '../../components/card.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Steps } from '../../components/steps.tsx'
import { AddFilesDialog } from '../code/add-files-dialog.tsx'
import { ChooseFiles } from '../code/choose-files.tsx'
import { BUNDLE_FILES, bundleUpload } from '../deploy/bundle-files.ts'
import { DeployOutcome } from '../deploy/deploy-outcome.tsx'
import { Findings } from '../deploy/findings.tsx'
import { progressOf } from '../deploy/progress.ts'
import { useDeploy } from '../deploy/use-deploy.ts'

/** Uploads and deploys a bundle from the user's disk. */
export function BundleUpload({ tenant, server }: { tenant: string; server: string }) {
  const [files, setFiles] = useState<Record<string, string>>()
  const [watching, setWatching] = useState(false)
  const deploy = useDeploy(tenant)
  return (
    <>
      <ChooseFiles label="Upload bundle" accept={BUNDLE_FILES} onFiles={setFiles} />
      {files && (
        <AddFilesDialog
          files={files}
          bundleOnly
          present={[]}
          onAdd={() => setFiles(undefined)}
          onBundle={({ mainModule, note, activate }) => {
            setFiles(undefined)
            setWatching(true)
            void deploy.run({ activate, prepare: async () => ({ server, upload: bundleUpload(files, mainModule, note) }) })
          }}
          onClose={() => setFiles(undefined)}
        />
      )}
      <Dialog open={watching} onOpenChange={(open) => !deploy.busy && setWatching(open)} title="Deploy bundle">
        <Card className="mt-3 grid gap-4">
          <DeployOutcome tenant={tenant} server={server} deploy={deploy} />
          {deploy.phase === 'failed' && <ProblemNote problem={deploy.problem} />}
          <Steps label="Deploy" steps={progressOf(deploy)} />
          {deploy.findings.length > 0 && <Findings findings={deploy.findings} />}
        </Card>
      </Dialog>
    </>
  )
}
