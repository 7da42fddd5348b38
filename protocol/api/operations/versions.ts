import * as versions from '../versions.ts'
import { about, PAGING, pageOf, type Operation } from './operation.ts'

const server = '/api/tenants/{tenant}/servers/{server}'

export const VERSIONS_OPERATIONS: Operation[] = about('Versions', [
  {
    id: 'listVersions',
    method: 'GET',
    path: `${server}/versions`,
    summary: 'List versions, newest first',
    role: 'viewer',
    query: PAGING,
    reply: pageOf(versions.versionSummaryBody),
  },
  {
    id: 'uploadVersion',
    method: 'POST',
    path: `${server}/versions`,
    summary: 'Upload a version, probe it, and activate it if asked. With `Accept: application/x-ndjson` the reply has a line per step',
    role: 'developer',
    idempotent: true,
    body: versions.uploadVersion,
    status: 201,
    reply: versions.versionBody,
  },
  {
    id: 'showVersion',
    method: 'GET',
    path: `${server}/versions/{number}`,
    summary: 'Show a version with its surface and findings',
    role: 'viewer',
    reply: versions.versionBody,
  },
  {
    id: 'showModules',
    method: 'GET',
    path: `${server}/versions/{number}/modules`,
    summary: 'Show the uploaded modules and sources of a version',
    role: 'developer',
    reply: versions.modulesBody,
  },
  {
    id: 'showManifest',
    method: 'GET',
    path: `${server}/versions/{number}/manifest`,
    summary: 'Show the manifest of a version as uploaded',
    role: 'developer',
    reply: versions.manifestBody,
  },
  {
    id: 'activateVersion',
    method: 'POST',
    path: `${server}/versions/{number}/activate`,
    summary: 'Activate a version. An older version is a rollback',
    role: 'developer',
    idempotent: true,
    reply: versions.versionBody,
  },
])
