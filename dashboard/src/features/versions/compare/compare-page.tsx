import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ArrowLeftRight, FileDiff } from 'lucide-react'
import { useState } from 'react'
import type { VersionBody } from '../../../../../protocol/api.ts'
import { Button } from '../../../components/button.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Field, Select } from '../../../components/field.tsx'
import { Loaded, Skeleton } from '../../../components/loaded.tsx'
import { PageHeader } from '../../../components/page-header.tsx'
import { Tabs } from '../../../components/tabs.tsx'
import { useMayDeploy } from '../../people/role.ts'
import { versionQuery } from '../queries.ts'
import { allVersionsQuery } from '../queries.ts'
import { SOURCE_LABELS } from '../source-labels.ts'
import { CodeComparison } from './code-comparison.tsx'
import { ContentComparison } from './content-comparison.tsx'
import { compareSurfaces } from './surface-changes.ts'
import { SurfaceComparison } from './surface-comparison.tsx'

const route = getRouteApi('/t/$tenant/s/$server/versions/compare')

/** Compares the surface and the code of two versions. */
export function ComparePage() {
  const { tenant, server } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const versions = useQuery(allVersionsQuery(tenant, server))
  return (
    <>
      <PageHeader title="Compare versions" context={`${tenant}/${server}`} />
      <Loaded query={versions}>
        {(all) => {
          const to = search.to ?? all[0]?.number
          const from = search.from ?? all.find(({ number }) => to !== undefined && number < to)?.number
          if (from === undefined || to === undefined) {
            return (
              <EmptyState icon={FileDiff} title="Nothing to compare">
                A comparison needs two versions.
              </EmptyState>
            )
          }
          const options = [...new Set([...all.map(({ number }) => number), from, to])]
            .toSorted((a, b) => b - a)
            .map((number) => ({
              value: String(number),
              label: `Version ${number}${all.find((each) => each.number === number)?.active ? ' (active)' : ''}`,
            }))
          const choose = (next: { from: number; to: number }) => void navigate({ search: next, replace: true })
          return (
            <>
              <div className="mb-6 flex flex-wrap items-end gap-3">
                <Field label="From" className="min-w-40 flex-1">
                  <Select value={String(from)} onChange={(value) => choose({ from: Number(value), to })} options={options} />
                </Field>
                <Button kind="secondary" icon={ArrowLeftRight} onClick={() => choose({ from: to, to: from })}>
                  Swap
                </Button>
                <Field label="To" className="min-w-40 flex-1">
                  <Select value={String(to)} onChange={(value) => choose({ from, to: Number(value) })} options={options} />
                </Field>
              </div>
              <Comparison key={`${from} ${to}`} tenant={tenant} server={server} from={from} to={to} />
            </>
          )
        }}
      </Loaded>
    </>
  )
}

function Comparison({ tenant, server, from, to }: { tenant: string; server: string; from: number; to: number }) {
  const [before, after] = [useQuery(versionQuery(tenant, server, from)), useQuery(versionQuery(tenant, server, to))]
  const mayDeploy = useMayDeploy(tenant)
  const [view, setView] = useState<'surface' | 'content'>('surface')
  return (
    <Loaded query={before} skeleton={<Skeleton lines={8} />}>
      {(was: VersionBody) => (
        <Loaded query={after} skeleton={<Skeleton lines={8} />}>
          {(is: VersionBody) => (
            <Tabs
              label="Comparison"
              value={view}
              onChange={setView}
              tabs={[
                {
                  value: 'surface',
                  label: 'Client view',
                  content: <SurfaceComparison changes={compareSurfaces(was.surface, is.surface)} />,
                },
                {
                  value: 'content',
                  label: was.source === 'code' && is.source === 'code' ? 'Code' : 'Content',
                  content: !mayDeploy ? (
                    <p>Viewing the content requires the developer role.</p>
                  ) : was.source !== is.source ? (
                    <p>
                      Version {from} is of the source “{SOURCE_LABELS[was.source]}”, version {to} of the source “{SOURCE_LABELS[is.source]}
                      ”, so no line comparison is shown.
                    </p>
                  ) : is.source === 'static' ? (
                    <ContentComparison tenant={tenant} server={server} from={from} to={to} />
                  ) : (
                    <CodeComparison tenant={tenant} server={server} from={from} to={to} />
                  ),
                },
              ]}
            />
          )}
        </Loaded>
      )}
    </Loaded>
  )
}
