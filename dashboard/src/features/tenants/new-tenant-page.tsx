import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { TenantBody } from '../../../../protocol/api.ts'
import { call, faultsOf } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { useChanges } from '../../forms/changes.ts'
import { NameAndSlug, type Naming, slugOf } from '../../forms/name-and-slug.tsx'
import { meKey, meQuery } from '../account/queries.ts'

/** Creates a tenant with a name and a slug. URLs of servers contain the slug. */
export function NewTenantPage() {
  const { values, change } = useChanges<Naming>('tenant', { name: '', slug: undefined })
  const client = useQueryClient()
  const isFirst = useQuery(meQuery()).data?.tenants.length === 0
  const navigate = useNavigate()
  const creation = useMutation({
    mutationFn: (body: { name: string; slug: string }) => call<TenantBody>('POST', '/tenants', body),
    onSuccess: async (tenant) => {
      await client.invalidateQueries({ queryKey: meKey })
      await navigate({ to: '/t/$tenant/new', params: { tenant: tenant.slug }, search: { first: true } })
    },
  })
  const slug = slugOf(values)
  const problem = creation.error
  const fields = faultsOf(problem)
  return (
    <div className="mx-auto max-w-xl">
      <PageHeader title={isFirst ? 'Welcome. Create your tenant' : 'Create tenant'}>
        {isFirst && 'Step 1 of 3. '}A tenant owns servers and has members: only you, a team, or a company. The name can be changed later,
        the slug cannot.
      </PageHeader>
      <Card>
        <form
          className="grid gap-5"
          onSubmit={(event) => {
            event.preventDefault()
            creation.mutate({ name: values.name, slug })
          }}
        >
          <NameAndSlug
            name={values.name}
            slug={slug}
            onChange={change}
            fields={fields}
            autoComplete="organization"
            hint={
              <>
                Your servers will have URLs such as{' '}
                <code className="[overflow-wrap:anywhere]">{`${location.origin}/${slug || '…'}/…`}</code>
              </>
            }
          />
          {problem && fields.size === 0 && <ProblemNote problem={problem} />}
          <div>
            <Button type="submit" busy={creation.isPending}>
              Create tenant
            </Button>
          </div>
        </form>
      </Card>
    </div>
  )
}
