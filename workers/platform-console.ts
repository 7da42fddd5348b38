import { env } from 'cloudflare:workers'

/*
 * Marks the console lines of the platform's own isolates. On one machine, workerd writes the lines
 * of the platform and of tenants into one stream, and scripts/serve.ts prints only marked lines.
 * Tenants' isolates have a console of their own and no mark.
 */
const mark = env.LOG_MARK
if (mark) {
  for (const level of ['debug', 'info', 'log', 'warn', 'error'] as const) {
    const write = console[level].bind(console)
    console[level] = (...parts: unknown[]) => write(mark, ...parts)
  }
}
