import { useState } from 'react'
import { Card } from '../../components/card.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Steps } from '../../components/steps.tsx'
import { progressOf } from '../deploy/progress.ts'
import { DroppedDialog } from '../code/dropped-dialog.tsx'
import { ChooseFiles } from '../code/take-files.tsx'
import { Outcome, PlacedFindings } from '../code/deploy-panel.tsx'
import { useDeploy } from '../code/use-deploy.ts'

/** Deploys modules that were bundled elsewhere. */
export function BundleUpload({ tenant, server }: { tenant: string; server: string }) {
  const [files, setFiles] = useState<Record<string, string>>()
  const [watching, setWatching] = useState(false)
  const deploy = useDeploy({ tenant, server }, () => {})
  return (
    <>
      <ChooseFiles label="Deploy a bundle" accept=".js,.mjs,.json,.txt,.html" onFiles={setFiles} />
      {files && (
        <DroppedDialog
          files={files}
          bundleOnly
          present={[]}
          onAdd={() => setFiles(undefined)}
          onBundle={(choice) => {
            setFiles(undefined)
            setWatching(true)
            void deploy.deployBundle(files, choice)
          }}
          onClose={() => setFiles(undefined)}
        />
      )}
      <Dialog open={watching} onOpenChange={(open) => !deploy.busy && setWatching(open)} title="Deploy a bundle">
        <Card className="mt-3 grid gap-4">
          <Steps label="Deploy" steps={progressOf(deploy.told, { failed: deploy.state === 'failed', activate: deploy.activate })} />
          {deploy.findings.length > 0 && <PlacedFindings findings={deploy.findings} onJump={() => {}} />}
          {deploy.state === 'failed' && <ProblemNote problem={deploy.problem} />}
          <Outcome tenant={tenant} server={server} deploy={deploy} />
        </Card>
      </Dialog>
    </>
  )
}
