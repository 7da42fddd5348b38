// Runs a script, for example `node scripts/run.js start` for scripts/start.ts. Plain JavaScript,
// because an old Node must print a clear message and not a syntax error.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Wharf needs Node 22.18 or newer, but this is ${process.version}. Run "npm install", which installs a newer Node, then use "npm run …" instead of node.`,
  )
  process.exit(1)
}
const [, , script, ...rest] = process.argv
if (!script) {
  console.error('Script name missing. For example: node scripts/run.js start')
  process.exit(1)
}
process.argv = [process.argv[0] ?? 'node', new URL(`./${script}.ts`, import.meta.url).pathname, ...rest]
await import(`./${script}.ts`)
