import { z } from 'zod'
import { ACTIVITY_PERIOD, activityBody, activitySummaryBody } from '../activity.ts'
import * as servers from '../servers.ts'
import { about, listOf, PAGING, pageOf, type Operation } from './operation.ts'

const server = '/api/tenants/{tenant}/servers/{server}'
const tenant = '/api/tenants/{tenant}'

export const SERVERS_OPERATIONS: Operation[] = about('Servers', [
  {
    id: 'listServers',
    method: 'GET',
    path: `${tenant}/servers`,
    summary: 'List hosted servers',
    role: 'viewer',
    reply: listOf(servers.serverBody),
  },
  {
    id: 'createServer',
    method: 'POST',
    path: `${tenant}/servers`,
    summary: 'Create a hosted server. Settings that need the role admin are refused to a developer',
    role: 'developer',
    idempotent: true,
    body: servers.createServer,
    status: 201,
    reply: servers.serverBody,
  },
  { id: 'showServer', method: 'GET', path: server, summary: 'Show a hosted server', role: 'viewer', reply: servers.serverBody },
  {
    id: 'updateServer',
    method: 'PATCH',
    path: server,
    summary: 'Change settings of a hosted server. Settings that need the role admin are refused to a developer',
    role: 'developer',
    body: servers.updateServer,
    reply: servers.serverBody,
  },
  { id: 'deleteServer', method: 'DELETE', path: server, summary: 'Delete a hosted server with its versions and grants', role: 'admin' },
  {
    id: 'showEnvironment',
    method: 'GET',
    path: `${server}/environment`,
    summary: 'List names of environment values with their last four characters',
    role: 'developer',
    reply: servers.environmentBody,
  },
  {
    id: 'changeEnvironment',
    method: 'PUT',
    path: `${server}/environment`,
    summary: 'Set and remove environment values',
    role: 'developer',
    body: servers.changeEnvironment,
    reply: servers.environmentBody,
  },
  {
    id: 'listActivity',
    method: 'GET',
    path: `${server}/activity`,
    summary: 'List recent calls and log lines, newest first',
    role: 'viewer',
    query: {
      ...PAGING,
      kind: z.enum(['call', 'line']),
      correlationId: z.string().max(100),
      problems: z.enum(['true', 'false']).describe('`true` lists failed calls and lines about problems only.'),
    },
    reply: pageOf(activityBody),
  },
  {
    id: 'summarizeActivity',
    method: 'GET',
    path: `${server}/activity/summary`,
    summary: 'Count the calls of a period in steps',
    role: 'viewer',
    query: { period: ACTIVITY_PERIOD.default('day') },
    reply: activitySummaryBody,
  },
])
