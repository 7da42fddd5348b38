import { buildDashboard } from '../../scripts/dashboard.ts'

/** Builds the dashboard once in Node, before the tests whose Worker serves the build. */
export default async function setup(): Promise<void> {
  await buildDashboard()
}
