import { expose } from 'comlink'
import typescript from 'editor-typescript'
import { LanguageService, type TypeLibrary } from './language-service.ts'

let service: Promise<LanguageService> | undefined

/**
 * Calls run in the order of the page's events, so a result matches the text at the time of the
 * call.
 */
const api = {
  /** Loads the library and replaces all files. */
  async open(libraryUrl: string, files: Record<string, string>): Promise<void> {
    service = load(libraryUrl).then((library) => {
      const opened = new LanguageService(typescript, library)
      for (const [name, text] of Object.entries(files)) opened.write(name, text)
      return opened
    })
    await service
  },
  write: async (name: string, text: string) => (await service)?.write(name, text),
  remove: async (name: string) => (await service)?.remove(name),
  diagnose: async () => (await service)?.diagnose() ?? {},
  complete: async (name: string, position: number) => (await service)?.complete(name, position),
  explainCompletion: async (name: string, position: number, label: string) => (await service)?.explainCompletion(name, position, label),
  explain: async (name: string, position: number) => (await service)?.explain(name, position),
}
export type TypeScriptWorker = typeof api

async function load(url: string): Promise<TypeLibrary> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`Loading the types failed with status ${response.status}.`)
  return (await response.json()) as TypeLibrary
}

expose(api)
