import { useQuery } from '@tanstack/react-query'
import type { ManifestBody } from '../../../../../protocol/api.ts'
import { Loaded, Skeleton } from '../../../components/loaded.tsx'
import { contentFiles } from '../../content/content-files.ts'
import { manifestQuery } from '../queries.ts'
import { FilesComparison } from './files-comparison.tsx'

interface ContentComparisonProps {
  tenant: string
  server: string
  from: number
  to: number
}

/** Compares the prompts and documents of two versions. */
export function ContentComparison({ tenant, server, from, to }: ContentComparisonProps) {
  const [before, after] = [useQuery(manifestQuery(tenant, server, from)), useQuery(manifestQuery(tenant, server, to))]
  return (
    <Loaded query={before} skeleton={<Skeleton lines={8} />}>
      {({ manifest: was }: ManifestBody) => (
        <Loaded query={after} skeleton={<Skeleton lines={8} />}>
          {({ manifest: is }: ManifestBody) =>
            was.source === 'static' &&
            is.source === 'static' && <FilesComparison before={contentFiles(was)} after={contentFiles(is)} kind="entry" />
          }
        </Loaded>
      )}
    </Loaded>
  )
}
