import { useQuery } from '@tanstack/react-query'
import { Loaded, Skeleton } from '../../components/loaded.tsx'
import { ReadModules } from '../code/bundle-only.tsx'
import type { Place } from '../deploy/places.ts'
import { EditVersionLink } from './edit-version-link.tsx'
import { modulesQuery } from './queries.ts'

interface CodeViewProps {
  tenant: string
  server: string
  number: number
  mayDeploy: boolean
  /** Place to show first. */
  place: Place | undefined
}

export function CodeView({ tenant, server, number, mayDeploy, place }: CodeViewProps) {
  const query = useQuery({ ...modulesQuery(tenant, server, number), enabled: mayDeploy })
  if (!mayDeploy) return <p>Viewing code requires the developer role.</p>
  return (
    <Loaded query={query} skeleton={<Skeleton lines={8} />}>
      {({ mainModule, modules, sources }) => (
        <div className="grid grid-cols-1 gap-4">
          {sources ? (
            <EditVersionLink tenant={tenant} server={server} number={number} editor="code" />
          ) : (
            <p className="text-soft">This version was deployed as a bundle without sources.</p>
          )}
          <ReadModules texts={sources?.files ?? modules} main={sources?.main ?? mainModule} place={place} />
        </div>
      )}
    </Loaded>
  )
}
