import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { apiPath, call } from '../../../api.ts'
import { Button } from '../../../components/button.tsx'
import { Section } from '../../../components/section.tsx'
import { ConfirmDialog } from '../../../components/dialog.tsx'
import { toast } from '../../../components/toast.tsx'
import { serverKey, serversKey } from '../queries.ts'

export function DeleteServer({ tenant, server }: { tenant: string; server: string }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [confirming, setConfirming] = useState(false)
  return (
    <Section title="Delete server" danger about="There is no way back. Deactivating a version or closing access keeps the server.">
      <p className="mb-4 max-w-prose">
        Deletes the server with its versions, settings, keys and grants. Apps can no longer connect to its endpoint.
      </p>
      <Button kind="danger" onClick={() => setConfirming(true)}>
        Delete {server}
      </Button>
      <ConfirmDialog
        open={confirming}
        onOpenChange={setConfirming}
        title={`Delete ${tenant}/${server}?`}
        action="Delete server"
        typeName={server}
        onConfirm={async () => {
          await call('DELETE', apiPath.server(tenant, server))
          await navigate({ to: '/t/$tenant', params: { tenant } })
          client.removeQueries({ queryKey: serverKey(tenant, server) })
          await client.invalidateQueries({ queryKey: serversKey(tenant) })
          toast(`${server} deleted.`)
        }}
      >
        The server stops immediately. This cannot be undone.
      </ConfirmDialog>
    </Section>
  )
}
