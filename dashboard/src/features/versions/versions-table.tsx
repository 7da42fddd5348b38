import { Link } from '@tanstack/react-router'
import type { VersionSummaryBody } from '../../../../protocol/api.ts'
import { kilobytes } from '../../components/kilobytes.ts'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { findingCounts } from '../deploy/finding-counts.ts'
import { useMemberName } from '../people/member-name.tsx'
import { SOURCE_LABELS } from './source-labels.ts'
import { VersionBadges } from './version-badges.tsx'
import { VersionMenu } from './version-menu.tsx'

interface VersionsTableProps {
  tenant: string
  server: string
  versions: readonly VersionSummaryBody[]
  active: number | null
  mayDeploy: boolean
  onActivate: (number: number) => void
  onCompare: (from: number, to: number) => void
}

export function VersionsTable({ tenant, server, versions, active, mayDeploy, onActivate, onCompare }: VersionsTableProps) {
  const nameOf = useMemberName(tenant)
  return (
    <Table
      label="Versions"
      rows={versions}
      keyOf={({ number }) => number}
      columns={[
        {
          name: 'Version',
          cell: (version) => (
            <div className="grid justify-items-start gap-1">
              <div className="flex flex-wrap items-center gap-2">
                <Link
                  to="/t/$tenant/s/$server/versions/$number"
                  params={{ tenant, server, number: String(version.number) }}
                  className="link font-semibold"
                >
                  Version {version.number}
                </Link>
                <VersionBadges {...version} />
              </div>
              {version.note && (
                <span className="text-sm text-soft">
                  <Untrusted text={version.note} lines={2} />
                </span>
              )}
            </div>
          ),
        },
        {
          name: 'Deployed',
          className: 'w-44',
          cell: ({ createdAt, createdBy }) => (
            <>
              <RelativeTime at={createdAt} />
              <span className="block text-sm text-soft">
                <Untrusted text={`by ${nameOf(createdBy) ?? 'a former member'}`} lines={1} />
              </span>
            </>
          ),
        },
        { name: 'Source', className: 'w-40', cell: ({ source }) => SOURCE_LABELS[source] },
        { name: 'Size', className: 'w-24', cell: ({ bundleBytes }) => kilobytes(bundleBytes) },
        { name: 'Findings', className: 'w-36', cell: ({ findings }) => findingCounts(findings) ?? 'None' },
        {
          name: 'Actions',
          nameless: true,
          className: 'w-16',
          cell: (version) => (
            <VersionMenu
              version={version}
              active={active}
              mayDeploy={mayDeploy}
              onActivate={() => onActivate(version.number)}
              onCompare={(from) => onCompare(from, version.number)}
            />
          ),
        },
      ]}
    />
  )
}
