import * as clients from '../clients.ts'
import * as grants from '../grants.ts'
import { about, listOf, PAGING, pageOf, type Operation } from './operation.ts'

const server = '/api/tenants/{tenant}/servers/{server}'

export const APPS_OPERATIONS: Operation[] = about('Apps', [
  {
    id: 'listClients',
    method: 'GET',
    path: `${server}/clients`,
    summary: 'List decisions about apps, and apps that wait for one',
    role: 'viewer',
    reply: listOf(clients.clientBody),
  },
  {
    id: 'decideClient',
    method: 'POST',
    path: `${server}/client-approvals`,
    summary: 'Approve or refuse an app',
    role: 'admin',
    body: clients.decideClient,
    reply: listOf(clients.clientBody),
  },
  {
    id: 'listRegisteredClients',
    method: 'GET',
    path: `${server}/registered-clients`,
    summary: 'List apps that registered, newest first',
    role: 'developer',
    query: PAGING,
    reply: pageOf(clients.registeredClientBody),
  },
  {
    id: 'listInitialAccessTokens',
    method: 'GET',
    path: `${server}/initial-access-tokens`,
    summary: 'List tokens that register apps',
    role: 'admin',
    reply: listOf(clients.initialAccessTokenBody),
  },
  {
    id: 'createInitialAccessToken',
    method: 'POST',
    path: `${server}/initial-access-tokens`,
    summary: 'Create a token that registers apps. The reply alone shows the token',
    role: 'admin',
    idempotent: true,
    body: clients.createInitialAccessToken,
    status: 201,
    reply: clients.initialAccessTokenBody,
  },
  {
    id: 'deleteInitialAccessToken',
    method: 'DELETE',
    path: `${server}/initial-access-tokens/{id}`,
    summary: 'Revoke a token that registers apps',
    role: 'admin',
  },
  {
    id: 'listGrants',
    method: 'GET',
    path: `${server}/grants`,
    summary: 'List access that users gave to apps',
    role: 'admin',
    query: PAGING,
    reply: pageOf(grants.grantBody),
  },
  {
    id: 'changeGrant',
    method: 'PATCH',
    path: `${server}/grants/{id}`,
    summary: 'Limit the tools and scopes of an app',
    role: 'admin',
    body: grants.changeGrant,
    reply: grants.grantBody,
  },
  { id: 'endGrant', method: 'DELETE', path: `${server}/grants/{id}`, summary: 'End the access of an app', role: 'admin' },
])
