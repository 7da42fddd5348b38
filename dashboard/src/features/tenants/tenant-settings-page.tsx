import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { TenantBody } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Section } from '../../components/section.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Field, TextInput } from '../../components/field.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { toast } from '../../components/toast.tsx'
import { SaveButton } from '../../forms/save-button.tsx'
import { useSaving } from '../../forms/saving.ts'
import { meKey } from '../account/queries.ts'
import { isAtLeast } from '../people/role.ts'
import { tenantKey, tenantQuery } from './queries.ts'

const route = getRouteApi('/t/$tenant/settings')

export function TenantSettingsPage() {
  const { tenant } = route.useParams()
  const query = useQuery(tenantQuery(tenant))
  return (
    <>
      <PageHeader title="Settings" context={tenant} />
      <Loaded query={query}>
        {(body) => (
          <div className="grid gap-8">
            <NameForm key={body.slug} tenant={body} />
            {body.role === 'owner' && <DeleteTenant tenant={body} />}
          </div>
        )}
      </Loaded>
    </>
  )
}

function NameForm({ tenant }: { tenant: TenantBody }) {
  const client = useQueryClient()
  const { values, change, fields, problem, state, submit } = useSaving({
    name: 'tenant',
    saved: { name: tenant.name },
    send: (changed) => call<TenantBody>('PATCH', apiPath.tenant(tenant.slug), changed),
    refresh: () =>
      Promise.all([client.invalidateQueries({ queryKey: tenantKey(tenant.slug) }), client.invalidateQueries({ queryKey: meKey })]),
    done: 'Name changed.',
  })
  const mayChange = isAtLeast(tenant.role, 'admin')
  return (
    <Section title="Tenant" about="The name is shown to members, and on the consent page of every app.">
      <form className="grid max-w-xl gap-5" onSubmit={submit}>
        <Field label="Name" error={fields.get('/name')}>
          <TextInput
            value={values.name}
            onChange={(event) => change({ name: event.target.value })}
            maxLength={64}
            required
            disabled={!mayChange}
          />
        </Field>
        <Field label="Slug" hint="Part of every server’s URL. Cannot be changed.">
          <TextInput value={tenant.slug} readOnly className="font-mono" />
        </Field>
        {problem && fields.size === 0 && <ProblemNote problem={problem} />}
        {mayChange ? <SaveButton {...state} /> : <p className="text-soft">Only an admin or owner can change the name.</p>}
      </form>
    </Section>
  )
}

function DeleteTenant({ tenant }: { tenant: TenantBody }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [confirming, setConfirming] = useState(false)
  return (
    <Section title="Delete tenant" danger about="Members and their apps lose access at once.">
      <p className="mb-4 max-w-prose">
        Deletes the tenant with all servers, versions, clients, keys and grants. For a time set by the operator, at most 90 days, only its
        owners can use the slug again.
      </p>
      <Button kind="danger" onClick={() => setConfirming(true)}>
        Delete {tenant.slug}
      </Button>
      <ConfirmDialog
        open={confirming}
        onOpenChange={setConfirming}
        title={`Delete ${tenant.slug}?`}
        action="Delete tenant"
        typeName={tenant.slug}
        onConfirm={async () => {
          await call('DELETE', apiPath.tenant(tenant.slug))
          await client.invalidateQueries({ queryKey: meKey })
          await navigate({ to: '/' })
          client.removeQueries({ queryKey: tenantKey(tenant.slug) })
          toast(`${tenant.slug} deleted.`)
        }}
      >
        All servers of the tenant stop immediately. This cannot be undone.
      </ConfirmDialog>
    </Section>
  )
}
