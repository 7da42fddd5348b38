import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOT } from '../../scripts/wrangler.ts'

/**
 * Runs the linter with this project's rules over the given files. Returns the rules that were
 * broken.
 */
export async function lint(files: Record<string, string>): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'wharf-lint-'))
  try {
    for (const name of ['.oxlintrc.json', 'scripts/lint']) await cp(join(ROOT, name), join(directory, name), { recursive: true })
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true })
      await writeFile(join(directory, name), text)
    }
    const output = await new Promise<string>((resolve) => {
      const oxlint = join(ROOT, 'node_modules/oxlint/bin/oxlint')
      execFile(process.execPath, [oxlint, '--deny-warnings', '--format', 'json'], { cwd: directory }, (_, text) => resolve(text))
    })
    return (JSON.parse(output) as { diagnostics: { code: string }[] }).diagnostics.map(({ code }) => code)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
