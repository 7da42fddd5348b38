import { useQuery } from '@tanstack/react-query'
import { FileCode2, FilePlus2 } from 'lucide-react'
import { useState } from 'react'
import type { Sources } from '../../../../protocol/api.ts'
import { Button } from '../../components/button.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { RadioCards } from '../../components/field.tsx'
import { Loaded } from '../../components/loaded.tsx'
import type { Origin } from '../deploy/draft-state.tsx'
import { listTemplates, loadTemplate } from './load-templates.ts'
import { EMPTY } from './project.ts'

interface StartingSourcesProps {
  onBegin: (sources: Sources, origin: Origin) => void
}

/** Chooses the first sources of a server: one example tool or a template. */
export function StartingSources({ onBegin }: StartingSourcesProps) {
  const templates = useQuery(listTemplates)
  const [chosen, setChosen] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const begin = async () => {
    if (chosen === '') return onBegin(EMPTY, { empty: true })
    setBusy(true)
    setProblem(undefined)
    try {
      const { upload } = await loadTemplate(chosen)
      onBegin(upload.sources ?? EMPTY, { template: chosen })
    } catch (error) {
      setProblem(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="grid gap-5">
      <Loaded query={templates}>
        {(listed) => (
          <RadioCards
            label="Starting point"
            value={chosen}
            onChange={setChosen}
            options={[
              { value: '', title: 'Minimal server', description: 'One example tool.' },
              ...listed.map(({ name, title, description }) => ({ value: name, title, description })),
            ]}
          />
        )}
      </Loaded>
      {problem !== undefined && <ProblemNote problem={problem} />}
      <div className="flex flex-wrap gap-2">
        <Button icon={chosen === '' ? FilePlus2 : FileCode2} busy={busy} onClick={() => void begin()}>
          Open in editor
        </Button>
      </div>
    </div>
  )
}
