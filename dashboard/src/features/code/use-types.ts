import { useEffect, useState } from 'react'
import type { SourceDiagnostic } from './editor/language-service.ts'
import { TypeChecker } from './editor/type-checker.ts'
import type { Project } from './project.ts'

interface Types {
  checker: TypeChecker | undefined
  /** By file; undefined until everything was checked once. */
  found: Readonly<Record<string, SourceDiagnostic[]>> | undefined
  /** Why there are none. */
  problem: unknown
}

/** The type checker of a project, for as long as the page is open; what changes in the project it hears of. */
export function useTypes(project: Project): Types {
  const [types, setTypes] = useState<Types>({ checker: undefined, found: undefined, problem: undefined })
  useEffect(() => {
    let known = project.snapshot().files
    const checker = new TypeChecker(known, {
      onChecked: (found) => setTypes((before) => ({ ...before, found })),
      onFailure: (problem) => setTypes((before) => ({ ...before, problem })),
    })
    setTypes({ checker, found: undefined, problem: undefined })
    const unsubscribe = project.subscribe(() => {
      const { files } = project.snapshot()
      if (files === known) return
      for (const [file, text] of Object.entries(files)) if (known[file] !== text) checker.write(file, text)
      for (const file of Object.keys(known)) if (!Object.hasOwn(files, file)) checker.remove(file)
      known = files
    })
    return () => {
      unsubscribe()
      checker.close()
    }
  }, [project])
  return types
}
