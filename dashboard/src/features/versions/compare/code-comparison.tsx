import { useQuery } from '@tanstack/react-query'
import type { ModulesBody } from '../../../../../protocol/api.ts'
import { Loaded, Skeleton } from '../../../components/loaded.tsx'
import { modulesQuery } from '../queries.ts'
import { FilesComparison } from './files-comparison.tsx'

interface CodeComparisonProps {
  tenant: string
  server: string
  from: number
  to: number
}

/** Compares the sources of two versions, or the deployed modules if a version has no sources. */
export function CodeComparison({ tenant, server, from, to }: CodeComparisonProps) {
  const [before, after] = [useQuery(modulesQuery(tenant, server, from)), useQuery(modulesQuery(tenant, server, to))]
  return (
    <Loaded query={before} skeleton={<Skeleton lines={8} />}>
      {(was: ModulesBody) => (
        <Loaded query={after} skeleton={<Skeleton lines={8} />}>
          {(is: ModulesBody) => <Files was={was} is={is} />}
        </Loaded>
      )}
    </Loaded>
  )
}

function Files({ was, is }: { was: ModulesBody; is: ModulesBody }) {
  if (was.sources && is.sources) return <FilesComparison before={was.sources.files} after={is.sources.files} />
  return (
    <div className="grid gap-5">
      <p className="text-soft">Compares the deployed modules, because not both versions have sources.</p>
      <FilesComparison before={was.modules} after={is.modules} />
    </div>
  )
}
