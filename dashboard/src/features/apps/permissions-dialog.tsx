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

/** Changes the permissions of an app without a new sign-in of the app. */
export function PermissionsDialog({ grant, onClose }: { grant: GrantBody | undefined; onClose: () => void }) {
  return (
    <Dialog
      open={grant !== undefined}
      onOpenChange={(open) => !open && onClose()}
      title={`Permissions of ${grant?.clientName || 'this app'}`}
      description={grant && `The app acts as you at ${grant.tenant}/${grant.server}.`}
    >
      {grant && <PermissionsLoader id={grant.id} onClose={onClose} />}
    </Dialog>
  )
}

function PermissionsLoader({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useQuery(myGrantQuery(id))
  return <Loaded query={query}>{(grant) => <PermissionsForm grant={grant} onClose={onClose} />}</Loaded>
}

function PermissionsForm({ grant, onClose }: { grant: GrantChoiceBody; onClose: () => void }) {
  const client = useQueryClient()
  const [tools, setTools] = useState(grant.tools)
  const [writes, setWrites] = useState(grant.scopes.includes('mcp:write'))
  const change = useMutation({
    mutationFn: () =>
      call<GrantBody>('PATCH', `/me/grants/${grant.id}`, { tools, scopes: writes ? ['mcp:read', 'mcp:write'] : ['mcp:read'] }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: myGrantsKey })
      toast('Saved. Takes effect within 10 seconds.')
      onClose()
    },
  })
  return (
    <DialogForm problem={change.error} busy={change.isPending} action="Save" onSubmit={() => change.mutate()} onCancel={onClose}>
      {grant.scopes.includes('mcp:write') && (
        <Switch
          label="Tools that can write"
          hint="Turn off to allow read-only tools only. The app must ask you again for the other tools."
          checked={writes}
          onChange={setWrites}
        />
      )}
      <ToolChoice tools={grant.offered} chosen={tools} onChange={setTools} />
    </DialogForm>
  )
}
