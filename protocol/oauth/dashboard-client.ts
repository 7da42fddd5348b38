/**
 * The dashboard as a client of every hosted server (docs/decisions/0004): public, known without a registration or a fetch, and otherwise one like any other.
 * Its id is the URL of a Client ID Metadata Document that anybody may read, so that it looks like other clients wherever a client is shown.
 */

/** The one spelling of it: every other URL is another client's. */
export function dashboardClientId(origin: string): string {
  return `${origin}/dashboard/client.json`
}

/**
 * No refresh token: a page cannot keep one safely, and whoever uses it is there to be asked again. `application_type` and `client_uri` are left out, because
 * an installation on loopback could not have them.
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
