import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { GrantBody, GrantChoiceBody } from '../../../../protocol/api.ts'
import { call } from '../../api.ts'
import { Dialog } from '../../components/dialog.tsx'
import { Switch } from '../../components/field.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { toast } from '../../components/toast.tsx'
import { DialogForm } from '../../forms/create-dialog.tsx'
import { ToolChoice } from '../access/tool-choice.tsx'
import { myGrantQuery, myGrantsKey } from './queries.ts'

/** What one app may do as its user, chosen anew without signing it in again. */
export function NarrowDialog({ grant, onClose }: { grant: GrantBody | undefined; onClose: () => void }) {
  return (
    <Dialog
      open={grant !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={`What ${grant?.clientName || 'this app'} may do`}
      description={grant && `At ${grant.tenant}/${grant.server}, as you.`}
    >
      {grant && <Choice id={grant.id} onClose={onClose} />}
    </Dialog>
  )
}

function Choice({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useQuery(myGrantQuery(id))
  return <Loaded query={query}>{(grant) => <ChoiceForm grant={grant} onClose={onClose} />}</Loaded>
}

function ChoiceForm({ grant, onClose }: { grant: GrantChoiceBody; onClose: () => void }) {
  const client = useQueryClient()
  const [tools, setTools] = useState(grant.tools)
  const [writes, setWrites] = useState(grant.scopes.includes('mcp:write'))
  const change = useMutation({
    mutationFn: () =>
      call<GrantBody>('PATCH', `/me/grants/${grant.id}`, { tools, scopes: writes ? ['mcp:read', 'mcp:write'] : ['mcp:read'] }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: myGrantsKey })
      toast('Changed. It reaches the app within ten seconds.')
      onClose()
    },
  })
  return (
    <DialogForm problem={change.error} busy={change.isPending} action="Save" onSubmit={() => change.mutate()} onCancel={onClose}>
      {grant.scopes.includes('mcp:write') && (
        <Switch
          label="Tools that can change things"
          hint="Switched off, only tools that read are left. The app has to ask you to have the others back."
          checked={writes}
          onChange={setWrites}
        />
      )}
      <ToolChoice tools={grant.offered} chosen={tools} onChange={setTools} />
    </DialogForm>
  )
}
