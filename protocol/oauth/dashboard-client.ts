/**
 * The dashboard as an OAuth client of every hosted server (docs/decisions/0004): a public client,
 * known without registration or fetch. The client id is the URL of a public Client ID Metadata
 * Document, so that lists show the dashboard as they show every client.
 */

/** Returns the dashboard's client id. Any different spelling is a different client. */
export function dashboardClientId(origin: string): string {
  return `${origin}/dashboard/client.json`
}

/**
 * Returns the dashboard's document. No refresh token, because a page cannot store a token safely
 * and its user is present to approve again. No `application_type` and `client_uri`, because both
 * would be invalid for an installation on loopback.
 */
export function dashboardClientDocument(origin: string) {
  return {
    client_id: dashboardClientId(origin),
    client_name: 'The dashboard of this platform',
    redirect_uris: [`${origin}/dashboard/oauth/callback`],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  }
}
