import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { apiPath, call } from '../../../api.ts'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { ConfirmDialog } from '../../../components/dialog.tsx'
import { toast } from '../../../components/toast.tsx'
import { serverKey, serversKey } from '../queries.ts'

export function DeleteServer({ tenant, server }: { tenant: string; server: string }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  return (
    <Card title="Delete the server">
      <p className="mb-4 max-w-prose text-soft">
        With its versions, settings, clients, keys and grants. Every app that uses it finds nothing at its URL.
      </p>
      <Button kind="danger" onClick={() => setAsking(true)}>
        Delete {server}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${tenant}/${server}?`}
        action="Delete the server"
        typeName={server}
        onConfirm={async () => {
          await call('DELETE', apiPath.server(tenant, server))
          await navigate({ to: '/t/$tenant', params: { tenant } })
          client.removeQueries({ queryKey: serverKey(tenant, server) })
          await client.invalidateQueries({ queryKey: serversKey(tenant) })
          toast(`${server} is deleted.`)
        }}
      >
        It stops answering at once, and nothing of it can be brought back.
      </ConfirmDialog>
    </Card>
  )
}
