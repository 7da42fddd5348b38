import { rootUrls } from '../../protocol/location.ts'
import { must, OAuthError } from '../../protocol/oauth/errors.ts'
import { mayClientConnect } from '../../store/admission.ts'
import { askForApproval } from '../../store/clients/client-approvals.ts'
import type { Client } from '../../store/clients/clients.ts'
import type { ClientRequest, ServerRequest } from '../request.ts'

/** A client waits where apps are approved, `askedBy` whom it came for; one that a member made is let in until it is refused. Throws unauthorized_client. */
export async function mustBeLetIn(
  { store, server, client }: Pick<ClientRequest, 'store' | 'server' | 'client'>,
  askedBy: string | null,
): Promise<void> {
  if (await mayClientConnect(store, server.key, client)) return
  const state = await askForApproval(store, server.key, { client, askedBy }, new Date())
  throw new OAuthError(
    'unauthorized_client',
    `${server.tenant} approves the apps that may use this server; this one ${STANDING[state ?? 'full']}`,
  )
}

/** Who may register at a hosted server is its tenant's to say, so a client that registered at the root counts only where registration is open. Throws unauthorized_client. */
export function mustBeRegisteredFor(
  { server, addresses }: Pick<ServerRequest, 'server' | 'addresses'>,
  { issuer }: Pick<Client, 'issuer'>,
): void {
  must(
    issuer !== rootUrls(addresses).issuer || server.registration === 'open',
    'unauthorized_client',
    `${server.tenant} does not let every app register, so this server is not for apps that registered at the root`,
  )
}

const STANDING = {
  waiting: 'is waiting for it',
  refused: 'was refused',
  approved: 'was just approved: ask again', // meanwhile
  full: 'is not on the list yet, since as many as may be are waiting already',
}
