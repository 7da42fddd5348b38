import { buildDashboard } from '../../scripts/dashboard.ts'

/** Runs in Node, once, before tests whose Worker serves what is built here. */
export default async function setup(): Promise<void> {
  await buildDashboard()
}
