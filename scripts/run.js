// Runs a script, for example `node scripts/run.js start` for scripts/start.ts. Plain JavaScript,
// because an old Node must print a clear message and not a syntax error.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Wharf's tools need Node 22.18 or newer and this is ${process.version}: run "npm install" (it brings its own Node) and then "npm run …" rather than node itself.`,
  )
  process.exit(1)
}
const [, , script, ...rest] = process.argv
if (!script) {
  console.error('Which script? For example: node scripts/run.js start')
  process.exit(1)
}
process.argv = [process.argv[0] ?? 'node', new URL(`./${script}.ts`, import.meta.url).pathname, ...rest]
await import(`./${script}.ts`)
