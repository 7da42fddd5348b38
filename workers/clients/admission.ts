import { rootUrls } from '../../protocol/location.ts'
import { must, OAuthError } from '../../protocol/oauth/errors.ts'
import { mayClientConnect, mayUserConnect } from '../../store/admission.ts'
import { askForApproval } from '../../store/clients/client-approvals.ts'
import type { Client } from '../../store/clients/clients.ts'
import type { ClientRequest, ServerRequest } from '../request.ts'

/*
 * Checks of clients and users that want to connect to a hosted server. A check throws the OAuth
 * error of the step it serves.
 */

/**
 * Checks an authorization request. The user comes first, because only users who may connect can put
 * a client on the waiting list.
 */
export async function mustAdmit(
  { store, server, addresses }: Pick<ServerRequest, 'store' | 'server' | 'addresses'>,
  client: Client,
  userId: string,
): Promise<void> {
  must(await mayUserConnect(store, server.key, userId), 'access_denied', `only members of ${server.tenant} may use this server`)
  mustAcceptRegistration({ server, addresses }, client)
  await mustAdmitClient({ store, server, client }, userId)
}

/**
 * Checks the client alone. If the server requires approval, puts the client on the waiting list
 * (`askedBy`: its user) and throws. Clients created by a member are admitted unless refused.
 */
export async function mustAdmitClient(
  { store, server, client }: Pick<ClientRequest, 'store' | 'server' | 'client'>,
  askedBy: string | null,
): Promise<void> {
  if (await mayClientConnect(store, server.key, client)) return
  const state = await askForApproval(store, server.key, { client, askedBy }, new Date())
  throw new OAuthError(
    'unauthorized_client',
    `${server.tenant} must approve an app before it can use this server; ${APPROVAL_STATES[state ?? 'full']}`,
  )
}

/**
 * Checks a client of the root issuer. Such a client may be used if registration at the hosted
 * server is `open`.
 */
export function mustAcceptRegistration(
  { server, addresses }: Pick<ServerRequest, 'server' | 'addresses'>,
  { issuer }: Pick<Client, 'issuer'>,
): void {
  must(
    issuer !== rootUrls(addresses).issuer || server.registration === 'open',
    'unauthorized_client',
    `${server.tenant} restricts registration, so apps registered at the root issuer cannot use this server`,
  )
}

/** Checks if the user and the client of an earlier grant may still connect. */
export async function mustStillAdmit({ store, server, client }: ClientRequest, userId: string): Promise<void> {
  must(await mayUserConnect(store, server.key, userId), 'invalid_grant', 'the grant is no longer valid')
  must(await mayClientConnect(store, server.key, client), 'invalid_grant', 'the grant is no longer valid')
}

const APPROVAL_STATES = {
  waiting: 'the app is on the waiting list',
  refused: 'the app was refused',
  approved: 'the app was approved just now, so try again', // approved since the check
  full: 'the waiting list is full, so ask an admin to decide about waiting apps first',
}
