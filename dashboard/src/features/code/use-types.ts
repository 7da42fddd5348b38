import { useEffect, useState } from 'react'
import type { SourceDiagnostic } from './editor/language-service.ts'
import { TypeChecker } from './editor/type-checker.ts'
import type { Project } from './project.ts'

interface Types {
  checker: TypeChecker | undefined
  /** Diagnostics by file. Undefined before the first check. */
  found: Readonly<Record<string, SourceDiagnostic[]>> | undefined
  /** Error that prevents type checking. */
  problem: unknown
  /** Checks the current text. Returns the number of errors, or undefined without types. */
  countErrors: () => Promise<number | undefined>
}

/** Number of errors among the diagnostics of all files. */
function errorsIn(found: Readonly<Record<string, SourceDiagnostic[]>>): number {
  return Object.values(found)
    .flat()
    .filter(({ severity }) => severity === 'error').length
}

/** Runs a type checker for a project and sends every change of the project to the checker. */
export function useTypes(project: Project): Types {
  const [types, setTypes] = useState<Omit<Types, 'countErrors'>>({ checker: undefined, found: undefined, problem: undefined })
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
  const { checker } = types
  return {
    ...types,
    countErrors: async () => {
      const found = await checker?.checkNow()
      return found && errorsIn(found)
    },
  }
}
