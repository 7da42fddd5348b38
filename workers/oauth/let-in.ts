import { OAuthError } from '../../protocol/oauth/errors.ts'
import { mayClientConnect } from '../../store/access.ts'
import { askForApproval } from '../../store/client-approvals.ts'
import type { ClientRequest } from '../request.ts'

/** A client waits where apps are approved, `askedBy` whom it came for; one that a member made is let in until it is refused. Throws unauthorized_client. */
export async function mustBeLetIn({ store, server, client }: ClientRequest, askedBy: string | null): Promise<void> {
  if (await mayClientConnect(store, server, client)) return
  await askForApproval(store, { tenantId: server.tenantId, serverId: server.id }, { client, askedBy }, new Date())
  throw new OAuthError(
    'unauthorized_client',
    `${server.tenant} approves the apps that may use this server; this one is waiting for it, or was refused`,
  )
}
