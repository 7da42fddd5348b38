import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import typescript from 'editor-typescript'
import { compilerOptions, LIBRARY_FILES, type TypeLibrary } from '../dashboard/src/features/code/editor/language-service.ts'
import { PROVIDED_SPECIFIERS } from './tenant-packages.ts'
import { ROOT } from './wrangler.ts'

const LIBRARY = join(ROOT, 'node_modules/editor-typescript/lib/')

/**
 * Returns all declarations that a tool server can use, and the package.json files needed for module
 * resolution.
 */
export async function editorTypes(): Promise<TypeLibrary> {
  const options = compilerOptions(typescript)
  const host = typescript.createCompilerHost(options)
  const entry = join(ROOT, 'all-imports.ts')
  const text = PROVIDED_SPECIFIERS.map((specifier) => `import ${JSON.stringify(specifier)}`).join('\n')
  const program = typescript.createProgram([entry], options, {
    ...host,
    fileExists: (path) => path === entry || host.fileExists(path),
    getSourceFile: (path, ...rest) =>
      path === entry ? typescript.createSourceFile(path, text, typescript.ScriptTarget.ESNext) : host.getSourceFile(path, ...rest),
  })
  const [problem] = program.getSemanticDiagnostics(program.getSourceFile(entry))
  if (problem) throw new Error(typescript.flattenDiagnosticMessageText(problem.messageText, '\n'))
  const library: TypeLibrary = {}
  for (const { fileName, text } of program.getSourceFiles()) {
    if (fileName === entry) continue
    library[fileName.startsWith(LIBRARY) ? LIBRARY_FILES + relative(LIBRARY, fileName) : pathOf(fileName)] = text
    const [folder] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(fileName) ?? []
    if (folder && !fileName.startsWith(LIBRARY)) library[`${pathOf(folder)}/package.json`] ??= await readPackage(folder)
  }
  return library
}

function pathOf(path: string): string {
  return `/${relative(ROOT, path)}`
}

/** Returns a package.json with only the fields used by module resolution. */
async function readPackage(folder: string): Promise<string> {
  const { name, version, type, types, typesVersions, exports } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >
  return JSON.stringify({ name, version, type, types, typesVersions, exports })
}
