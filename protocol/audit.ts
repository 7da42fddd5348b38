/**
 * Actions in a tenant's audit log: every change of permissions. docs/operations.md explains each
 * action, and the dashboard has a sentence for each.
 */
export const AUDIT_ACTIONS = [
  'tenant.created',
  'tenant.renamed',
  'tenant.suspended',
  'tenant.resumed',
  'invitation.created',
  'invitation.withdrawn',
  'member.joined',
  'member.role-changed',
  'member.removed',
  'personal-token.created',
  'personal-token.deleted',
  'identity-provider.created',
  'identity-provider.changed',
  'identity-provider.deleted',
  'identity-link.created',
  'identity-link.deleted',
  'server.created',
  'server.settings-changed',
  'server.environment-changed',
  'server.deleted',
  'version.uploaded',
  'version.activated',
  'client.created',
  'client.changed',
  'client.secret-rotated',
  'client.previous-secret-ended',
  'client.deleted',
  'client.registered',
  'client.approved',
  'client.refused',
  'client.decision-forgotten',
  'initial-access-token.created',
  'initial-access-token.revoked',
  'grant.approved',
  'grant.created',
  'grant.changed',
  'grant.ended',
  'grant.code-reused',
  'grant.refresh-token-reused',
  'machine-grant.set',
  'machine-grant.ended',
  'access-key.created',
  'access-key.deleted',
] as const

export type AuditAction = (typeof AUDIT_ACTIONS)[number]

/** Subjects of the actions, such as `client` for `client.created`. */
export const AUDIT_SUBJECTS = [...new Set(AUDIT_ACTIONS.map((action) => action.split('.')[0] ?? action))]
