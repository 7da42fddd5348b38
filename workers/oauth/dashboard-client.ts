import { dashboardClientDocument } from '../../protocol/oauth/dashboard-client.ts'
import type { AppRequest, Handler } from '../request.ts'
import { json } from '../responses.ts'

/** Serves the metadata document of the dashboard, found at the dashboard's client id. */
export const dashboardClient: Handler<AppRequest> = ({ addresses }) =>
  json(dashboardClientDocument(addresses.origin), {
    headers: { 'Cache-Control': 'public, max-age=3600', 'X-Content-Type-Options': 'nosniff' },
  })
