import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { buttonClass } from '../../components/button.tsx'
import { Loaded, Skeleton } from '../../components/loaded.tsx'
import { ReadModules } from '../code/bundle-only.tsx'
import type { VersionBody } from '../../../../protocol/api.ts'
import { filesQuery } from './queries.ts'

interface CodeViewProps {
  tenant: string
  server: string
  version: VersionBody
  mayDeploy: boolean
}

/** Code of a version, or its prompts and documents, with a link to the editor. */
export function CodeView({ tenant, server, version, mayDeploy }: CodeViewProps) {
  const { number, content } = version
  const isCode = content.source === 'code'
  const query = useQuery({ ...filesQuery(tenant, version, server), enabled: mayDeploy })
  if (!mayDeploy) return <p>Viewing {isCode ? 'code' : 'content'} requires the developer role.</p>
  return (
    <Loaded query={query} skeleton={<Skeleton lines={8} />}>
      {({ mainModule, modules, sources }) => (
        <div className="grid grid-cols-1 gap-4">
          {sources ? (
            <div>
              <Link
                to={isCode ? '/t/$tenant/s/$server/code' : '/t/$tenant/s/$server/content'}
                params={{ tenant, server }}
                search={{ version: number }}
                className={buttonClass('secondary')}
              >
                Edit this version
              </Link>
            </div>
          ) : (
            <p className="text-soft">This version was deployed as a bundle without sources.</p>
          )}
          <ReadModules texts={sources?.files ?? modules} main={sources?.main ?? mainModule} />
        </div>
      )}
    </Loaded>
  )
}
