import { readFile } from 'node:fs/promises'

// Runs a script, for example `node scripts/run.js start` for scripts/start.ts. Plain JavaScript,
// because an old Node must print a clear message and not a syntax error.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Wharf needs Node 22.18 or newer, but this is ${process.version}. Run "npm install", which installs a newer Node, then use "npm run …" instead of node.`,
  )
  process.exit(1)
}
const [, , script = '', ...rest] = process.argv
const { scripts } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
const commands = [...new Set(Object.values(scripts).flatMap((line) => /^node scripts\/run\.js (\S+)/.exec(line)?.[1] ?? []))]
if (!commands.includes(script)) {
  const isHelp = ['', '-h', '--help'].includes(script)
  const { findNearest } = await import('./nearest.ts')
  const nearest = findNearest(script, commands)
  const fault = `Unknown command "${script}".${nearest === undefined ? '' : ` Did you mean ${nearest}?`}\n\n`
  const list = `Commands, each with --help:\n${commands.map((command) => `  node scripts/run.js ${command}`).join('\n')}`
  console[isHelp ? 'log' : 'error'](`${isHelp ? '' : fault}${list}`)
  process.exit(isHelp ? 0 : 1)
}
process.argv = [process.argv[0] ?? 'node', new URL(`./${script}.ts`, import.meta.url).pathname, ...rest]
await import(`./${script}.ts`)
