import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { IdentityLinkBody, IdentityProviderBody, MemberBody } from '../../../../protocol/api.ts'
import { apiPath, call, faultsOf } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { ACTIONS, lastUsedColumn, Named, RowAction } from '../../components/columns.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, Select, TextInput } from '../../components/field.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Table } from '../../components/table.tsx'
import { toast } from '../../components/toast.tsx'
import { membersQuery } from '../people/queries.ts'
import { identityLinksKey, identityLinksQuery } from './queries.ts'

interface LinksDialogProps {
  tenant: string
  /** The dialog is closed if undefined. */
  provider: IdentityProviderBody | undefined
  isOwner: boolean
  onClose: () => void
}

/**
 * Links between subjects of a provider and members. Most links form automatically by a verified
 * email address.
 */
export function LinksDialog({ tenant, provider, isOwner, onClose }: LinksDialogProps) {
  return (
    <Dialog
      open={provider !== undefined}
      onOpenChange={onClose}
      title={`Members of ${provider?.name ?? ''}`}
      description="Maps a subject of the provider (sub claim) to a member. A link forms automatically when a member first signs in through the provider with the same verified email address."
    >
      {provider && <Links tenant={tenant} provider={provider} isOwner={isOwner} />}
    </Dialog>
  )
}

function Links({ tenant, provider, isOwner }: { tenant: string; provider: IdentityProviderBody; isOwner: boolean }) {
  const links = useQuery(identityLinksQuery(tenant, provider.id))
  const members = useQuery({ ...membersQuery(tenant), enabled: isOwner })
  const client = useQueryClient()
  const path = `${apiPath.tenant(tenant)}/identity-providers/${provider.id}/links`
  const changed = () => client.invalidateQueries({ queryKey: identityLinksKey(tenant, provider.id) })
  const removal = useMutation({
    mutationFn: (link: IdentityLinkBody) => call('DELETE', `${path}/${link.id}`),
    onSuccess: async () => {
      await changed()
      toast('Link removed.')
    },
  })
  return (
    <div className="grid gap-5">
      <Loaded query={links}>
        {(items) =>
          items.length === 0 ? (
            <p className="text-soft">No linked members.</p>
          ) : (
            <Table
              label="Linked members"
              rows={items}
              keyOf={({ id }) => id}
              columns={[
                {
                  name: 'Member',
                  cell: ({ userName, subject }) => <Named name={userName} identifier={subject} isCode />,
                },
                lastUsedColumn(),
                {
                  ...ACTIONS,
                  className: 'w-24',
                  cell: (link) => isOwner && <RowAction label="Unlink" of={link.userName} danger onClick={() => removal.mutate(link)} />,
                },
              ]}
            />
          )
        }
      </Loaded>
      {removal.error && <ProblemNote problem={removal.error} />}
      {isOwner && members.data && <LinkForm path={path} members={members.data} onLinked={changed} />}
    </div>
  )
}

function LinkForm({ path, members, onLinked }: { path: string; members: readonly MemberBody[]; onLinked: () => Promise<unknown> }) {
  const [subject, setSubject] = useState('')
  const [userId, setUserId] = useState(members[0]?.userId ?? '')
  const linking = useMutation({
    mutationFn: () => call<IdentityLinkBody>('POST', path, { subject, userId }),
    onSuccess: async ({ userName }) => {
      await onLinked()
      setSubject('')
      toast(`${userName} linked.`)
    },
  })
  const fields = faultsOf(linking.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    linking.mutate()
  }
  return (
    <form onSubmit={submit} className="grid gap-4 border-t border-line pt-4 sm:grid-cols-2">
      <Field label="Subject" error={fields.get('/subject')}>
        <TextInput
          value={subject}
          onChange={(event) => setSubject(event.target.value)}
          maxLength={500}
          required
          autoComplete="off"
          className="font-mono"
        />
      </Field>
      <Field label="Member" error={fields.get('/userId')}>
        <Select value={userId} onChange={setUserId} options={members.map((member) => ({ value: member.userId, label: member.name }))} />
      </Field>
      {linking.error && fields.size === 0 && (
        <div className="sm:col-span-2">
          <ProblemNote problem={linking.error} />
        </div>
      )}
      <div>
        <Button kind="secondary" type="submit" busy={linking.isPending}>
          Add link
        </Button>
      </div>
    </form>
  )
}
