import { dashboardClientDocument } from '../../protocol/oauth/dashboard-client.ts'
import type { AppRequest, Handler } from '../request.ts'
import { json } from '../responses.ts'

/** What stands at the dashboard's client id, for its own pages and for whoever looks up who was let in. */
export const dashboardClient: Handler<AppRequest> = ({ addresses }) =>
  json(dashboardClientDocument(addresses.origin), {
    headers: { 'Cache-Control': 'public, max-age=3600', 'X-Content-Type-Options': 'nosniff' },
  })
