import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { GrantBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { Dialog } from '../../components/dialog.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { toast } from '../../components/toast.tsx'
import { DialogForm } from '../../forms/create-dialog.tsx'
import { choosableToolsQuery, grantsKey } from './queries.ts'
import { type ChoosableTool, ToolChoice } from './tool-choice.tsx'

interface LimitDialogProps {
  tenant: string
  server: string
  grant: GrantBody | undefined
  onClose: () => void
}

/**
 * Limits the tools of a grant. The user of the app cannot lift the limit, and the limit adds no
 * tool.
 */
export function LimitDialog({ tenant, server, grant, onClose }: LimitDialogProps) {
  const tools = useQuery(choosableToolsQuery(tenant, server))
  return (
    <Dialog
      open={grant !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={`Limit ${grant?.clientName || 'this app'}`}
      description="Only the selected tools stay available to the app. Its user cannot lift the limit."
    >
      {grant && (
        <Loaded query={tools}>
          {(offered) => <LimitForm tenant={tenant} server={server} grant={grant} offered={offered} onClose={onClose} />}
        </Loaded>
      )}
    </Dialog>
  )
}

function LimitForm({ tenant, server, grant, offered, onClose }: LimitDialogProps & { grant: GrantBody; offered: ChoosableTool[] }) {
  const client = useQueryClient()
  const [limit, setLimit] = useState(grant.toolLimit)
  const change = useMutation({
    mutationFn: () => call<GrantBody>('PATCH', `${apiPath.server(tenant, server)}/grants/${grant.id}`, { toolLimit: limit }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: grantsKey(tenant, server) })
      toast('Saved. Takes effect within 10 seconds.')
      onClose()
    },
  })
  return (
    <DialogForm problem={change.error} busy={change.isPending} action="Save" onSubmit={() => change.mutate()} onCancel={onClose}>
      <ToolChoice tools={offered} chosen={limit} onChange={setLimit} />
    </DialogForm>
  )
}
