import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import type { VersionBody } from '../../../../protocol/api.ts'
import { type PlacedFinding, placeFindings } from '../deploy/places.ts'
import { modulesQuery } from './queries.ts'

/**
 * Returns the findings of a version with their places in its sources, as the editor shows them. A
 * place in the bundle needs the source map, so the sources are bundled again.
 */
export function usePlacedFindings(
  { tenant, server }: { tenant: string; server: string },
  { number, source, findings }: VersionBody,
  mayDeploy: boolean,
): readonly PlacedFinding[] {
  const isNeeded = mayDeploy && source === 'code' && findings.length > 0
  const { data } = useQuery({ ...modulesQuery(tenant, server, number), enabled: isNeeded })
  const [map, setMap] = useState<string>()
  const { sources, mainModule = '', modules } = data ?? {}
  const hasPlace = findings.some(({ message }) => message.includes(`${mainModule}:`))
  useEffect(() => {
    if (!sources || !hasPlace) return undefined
    let isOpen = true
    const remap = async () => {
      const { bundleInWorker } = await import('../code/bundler/bundler.ts')
      const bundled = await bundleInWorker(sources)
      // a map of another bundle would lead to wrong lines
      if (isOpen && bundled.ok && bundled.code === modules?.[mainModule]) setMap(bundled.map)
    }
    remap().catch(() => undefined) // the findings then have the places of their names only
    return () => {
      isOpen = false
    }
  }, [sources, modules, mainModule, hasPlace])
  return useMemo(
    () => (sources ? placeFindings(findings, { files: sources.files, map, module: mainModule }) : findings),
    [findings, sources, map, mainModule],
  )
}
