import type { ReactNode } from 'react'
import { lazy, Suspense, useState } from 'react'
import type { ModulesBody } from '../../../../protocol/api.ts'
import { Card } from '../../components/card.tsx'
import { Field, Select } from '../../components/field.tsx'
import { Skeleton } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import type { Place } from '../deploy/places.ts'

const EditorArea = lazy(async () => ({ default: (await import('./editor-area.tsx')).EditorArea }))

interface BundleOnlyProps {
  server: string
  tenant: string
  number: number
  modules: ModulesBody
  begin: ReactNode
}

/**
 * A version deployed without sources: the modules read-only, and starting points for new sources.
 */
export function BundleOnly({ tenant, server, number, modules, begin }: BundleOnlyProps) {
  return (
    <>
      <PageHeader title="Code" context={`${tenant}/${server}`}>
        Version {number} is a bundle without sources, so it is read-only here. Deploy from the folder of its sources (
        <code>npm run deploy-server -- DIR</code>), or start with new sources.
      </PageHeader>
      <div className="grid gap-6">
        <ReadModules texts={modules.modules} main={modules.mainModule} />
        <Card title="Start with new sources">{begin}</Card>
      </div>
    </>
  )
}

interface ReadModulesProps {
  texts: Readonly<Record<string, string>>
  main: string
  /** Place to show first. */
  place?: Place | undefined
}

/** Read-only view of files, one at a time. */
export function ReadModules({ texts, main, place }: ReadModulesProps) {
  const names = Object.keys(texts)
  const [open, setOpen] = useState(place?.file ?? main)
  const file = Object.hasOwn(texts, open) ? open : (names[0] ?? '')
  return (
    <div className="overflow-hidden rounded-2xl border border-line bg-sheet">
      {names.length > 1 && (
        <div className="border-b border-line p-3">
          <Field label="File">
            <Select value={file} onChange={setOpen} options={names.map((value) => ({ value, label: value }))} />
          </Field>
        </div>
      )}
      <div className="h-[min(60dvh,36rem)]">
        <Suspense
          fallback={
            <div className="p-4">
              <Skeleton lines={8} />
            </div>
          }
        >
          <EditorArea file={file} text={texts[file] ?? ''} readOnly jump={file === place?.file ? place : undefined} />
        </Suspense>
      </div>
    </div>
  )
}
